import { tf } from './backend';
import { times, timesGradient, timesTransposed } from './contraction';
import { geluTanhForward, geluTanhGradient, reluGradient } from './fused';
import {
  fusedLayer,
  project,
  projectBackward,
  unitBackward,
  unitForward,
  type Derive,
  type LayerWeight,
  type NormedProjections,
} from './fusedLayer';

/** Weights of a feed-forward layer: the layer norm's `[dModel]`, wi `[dFf, dModel]` and wo `[dModel, dFf]`. */
export type ReluLayerWeights = Readonly<Record<'norm' | 'wi' | 'wo', LayerWeight>>;
/** The same of T5 v1.1, whose inside is gelu(wi0 x) * (wi1 x). */
export type GatedLayerWeights = Readonly<Record<'norm' | 'wi0' | 'wi1' | 'wo', LayerWeight>>;

export type FeedForwardLayerOptions = { readonly epsilon: number; readonly derive: Derive };

/** A whole feed-forward layer, x + WO relu(WI norm(x)), its gradient by hand. x: `[rows, length, dModel]`. */
export function reluLayer(
  x: tf.Tensor3D,
  weights: ReluLayerWeights,
  { epsilon, derive }: FeedForwardLayerOptions,
): tf.Tensor3D {
  const normed = ({ norm, wi }: Readonly<Record<'norm' | 'wi', tf.Tensor>>): NormedProjections => ({
    norm,
    projections: [wi],
    shape: wi.shape,
  });
  return fusedLayer<'norm' | 'wi' | 'wo', [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]>([x], weights, (w) => {
    const { unit, inverse } = unitForward(x, epsilon);
    const inner = tf.relu(project(unit, normed(w), derive, times)) as tf.Tensor3D;
    return {
      value: tf.add(x, times(inner, w.wo as tf.Tensor2D)),
      saved: [unit, inverse, inner],
      backward: (dy, [u, r, h], own, trained) => {
        const dOut = dy as tf.Tensor3D;
        const dInner = reluGradient(timesTransposed(dOut, own.wo as tf.Tensor2D), h) as tf.Tensor3D;
        const found = projectBackward<tf.Tensor2D>(
          u,
          normed(own),
          derive,
          {
            input: (matrix) => timesTransposed(dInner, matrix),
            matrix: (input) => timesGradient(dInner, input),
          },
          { norm: trained('norm'), projections: trained('wi') },
        );
        const [wi] = found.projections;
        return {
          inputs: [tf.add(dOut, unitBackward(found.unit, { unit: u, inverse: r }))],
          weights: {
            ...(wi === undefined ? {} : { wi }),
            ...(trained('wo') ? { wo: timesGradient(dOut, h) } : {}),
            ...found.weights,
          },
        };
      },
    };
  }) as tf.Tensor3D;
}

/** T5 v1.1's feed-forward layer, x + WO (gelu(WI0 norm(x)) * WI1 norm(x)), its gradient by hand. */
export function gatedGeluLayer(
  x: tf.Tensor3D,
  weights: GatedLayerWeights,
  { epsilon, derive }: FeedForwardLayerOptions,
): tf.Tensor3D {
  const normed = ({
    norm,
    wi0,
    wi1,
  }: Readonly<Record<'norm' | 'wi0' | 'wi1', tf.Tensor>>): NormedProjections => ({
    norm,
    projections: [wi0, wi1],
    shape: [-1, norm.size],
  });
  type Saved = [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  return fusedLayer<'norm' | 'wi0' | 'wi1' | 'wo', Saved>([x], weights, (w) => {
    const { unit, inverse } = unitForward(x, epsilon);
    const projected = project(unit, normed(w), derive, times);
    const [before, factor] = tf.split(projected, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
    const { value: gate, tanh } = geluTanhForward(before);
    const inner = tf.mul(gate, factor) as tf.Tensor3D;
    return {
      value: tf.add(x, times(inner, w.wo as tf.Tensor2D)),
      saved: [unit, inverse, before, tanh, gate, factor],
      backward: (dy, [u, r, z, th, g, f], own, trained) => {
        const dOut = dy as tf.Tensor3D;
        const dInner = timesTransposed(dOut, own.wo as tf.Tensor2D);
        const dFactor = tf.mul(dInner, g);
        const dBefore = geluTanhGradient(tf.mul(dInner, f), z, th);
        const dProjected = tf.concat([dBefore, dFactor], 2) as tf.Tensor3D;
        const found = projectBackward<tf.Tensor2D>(
          u,
          normed(own),
          derive,
          {
            input: (matrix) => timesTransposed(dProjected, matrix),
            matrix: (input) => timesGradient(dProjected, input),
          },
          { norm: trained('norm'), projections: trained('wi0') || trained('wi1') },
        );
        const [wi0, wi1] = found.projections;
        return {
          inputs: [tf.add(dOut, unitBackward(found.unit, { unit: u, inverse: r }))],
          weights: {
            ...(wi0 === undefined ? {} : { wi0 }),
            ...(wi1 === undefined ? {} : { wi1 }),
            ...(trained('wo') ? { wo: timesGradient(dOut, tf.mul(g, f)) } : {}),
            ...found.weights,
          },
        };
      },
    };
  }) as tf.Tensor3D;
}
