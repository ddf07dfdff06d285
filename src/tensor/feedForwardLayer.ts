import { tf } from './backend';
import { geluTanhForward, geluTanhGradient, reluGradient } from './fused';
import {
  fusedLayer,
  normedProduct,
  normedProductBackward,
  unitBackward,
  unitForward,
  type LayerWeight,
} from './fusedLayer';

/** Weights of a feed-forward layer: the layer norm's `[dModel]`, wi `[dFf, dModel]` and wo `[dModel, dFf]`. */
export type ReluLayerWeights = Readonly<Record<'norm' | 'wi' | 'wo', LayerWeight>>;
/** The same of T5 v1.1, whose inside is gelu(wi0 x) * (wi1 x). */
export type GatedLayerWeights = Readonly<Record<'norm' | 'wi0' | 'wi1' | 'wo', LayerWeight>>;

/** A whole feed-forward layer, x + WO relu(WI norm(x)), its gradient by hand. x: `[rows, length, dModel]`. */
export function reluLayer(x: tf.Tensor3D, weights: ReluLayerWeights, epsilon: number): tf.Tensor3D {
  const [rows, length, dModel] = x.shape;
  const flat: [number, number] = [rows * length, dModel];
  return fusedLayer<'norm' | 'wi' | 'wo', [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]>([x], weights, (w) => {
    const x2 = x.reshape(flat) as tf.Tensor2D;
    const { unit, inverse } = unitForward(x2, epsilon);
    const inner = tf.relu(normedProduct(unit, w.norm, w.wi as tf.Tensor2D)) as tf.Tensor2D;
    const value = tf.add(x2, tf.matMul(inner, w.wo as tf.Tensor2D, false, true)).reshape(x.shape);
    return {
      value,
      saved: [unit, inverse, inner],
      backward: (dy, [u, r, h], own, trained) => {
        const dOut = dy.reshape(flat) as tf.Tensor2D;
        const dInner = reluGradient(tf.matMul(dOut, own.wo as tf.Tensor2D), h) as tf.Tensor2D;
        const found = normedProductBackward(dInner, u, own.norm, own.wi as tf.Tensor2D, trained('norm'));
        return {
          inputs: [tf.add(dOut, unitBackward(found.unit, u, r)).reshape(dy.shape)],
          weights: {
            ...(trained('wi') ? { wi: tf.mul(tf.matMul(dInner, u, true, false), own.norm) } : {}),
            ...(trained('wo') ? { wo: tf.matMul(dOut, h, true, false) } : {}),
            ...found.weights,
          },
        };
      },
    };
  }) as tf.Tensor3D;
}

/** T5 v1.1's feed-forward layer, x + WO (gelu(WI0 norm(x)) * WI1 norm(x)), its gradient by hand. */
export function gatedGeluLayer(x: tf.Tensor3D, weights: GatedLayerWeights, epsilon: number): tf.Tensor3D {
  const [rows, length, dModel] = x.shape;
  const flat: [number, number] = [rows * length, dModel];
  return fusedLayer<
    'norm' | 'wi0' | 'wi1' | 'wo',
    [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
  >([x], weights, (w) => {
    const x2 = x.reshape(flat) as tf.Tensor2D;
    const { unit, inverse } = unitForward(x2, epsilon);
    const before = normedProduct(unit, w.norm, w.wi0 as tf.Tensor2D);
    const factor = normedProduct(unit, w.norm, w.wi1 as tf.Tensor2D);
    const { value: gate, tanh } = geluTanhForward(before);
    const inner = tf.mul(gate, factor) as tf.Tensor2D;
    const value = tf.add(x2, tf.matMul(inner, w.wo as tf.Tensor2D, false, true)).reshape(x.shape);
    return {
      value,
      saved: [unit, inverse, before, tanh, gate, factor],
      backward: (dy, [u, r, z, th, g, f], own, trained) => {
        const dOut = dy.reshape(flat) as tf.Tensor2D;
        const dInner = tf.matMul(dOut, own.wo as tf.Tensor2D);
        const dFactor = tf.mul(dInner, g) as tf.Tensor2D;
        const dBefore = geluTanhGradient(tf.mul(dInner, f), z, th) as tf.Tensor2D;
        const found = [
          normedProductBackward(dBefore, u, own.norm, own.wi0 as tf.Tensor2D, trained('norm')),
          normedProductBackward(dFactor, u, own.norm, own.wi1 as tf.Tensor2D, trained('norm')),
        ] as const;
        const dUnit = tf.add(found[0].unit, found[1].unit);
        return {
          inputs: [tf.add(dOut, unitBackward(dUnit, u, r)).reshape(dy.shape)],
          weights: {
            ...(trained('wi0') ? { wi0: tf.mul(tf.matMul(dBefore, u, true, false), own.norm) } : {}),
            ...(trained('wi1') ? { wi1: tf.mul(tf.matMul(dFactor, u, true, false), own.norm) } : {}),
            ...(trained('wo') ? { wo: tf.matMul(dOut, tf.mul(g, f), true, false) } : {}),
            ...(trained('norm') ? { norm: tf.addN(found.flatMap(({ weights }) => weights.norm ?? [])) } : {}),
          },
        };
      },
    };
  }) as tf.Tensor3D;
}
