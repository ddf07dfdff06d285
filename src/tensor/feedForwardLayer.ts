import { tf } from './backend';
import { geluTanhForward, geluTanhGradient, reluGradient } from './fused';
import { fusedLayer, normBackward, normForward, normWeightGradient, type LayerWeight } from './fusedLayer';

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
    const { unit, inverse, output: normed } = normForward(x2, w.norm, epsilon);
    const inner = tf.relu(tf.matMul(normed, w.wi as tf.Tensor2D, false, true)) as tf.Tensor2D;
    const value = tf.add(x2, tf.matMul(inner, w.wo as tf.Tensor2D, false, true)).reshape(x.shape);
    return {
      value,
      saved: [unit, inverse, inner],
      backward: (dy, [u, r, h], own, trained) => {
        const dOut = dy.reshape(flat) as tf.Tensor2D;
        const dInner = reluGradient(tf.matMul(dOut, own.wo as tf.Tensor2D), h) as tf.Tensor2D;
        const dNormed = tf.matMul(dInner, own.wi as tf.Tensor2D);
        return {
          inputs: [tf.add(dOut, normBackward(dNormed, u, r, own.norm)).reshape(dy.shape)],
          weights: {
            ...(trained('wi') ? { wi: tf.matMul(dInner, tf.mul(u, own.norm), true, false) } : {}),
            ...(trained('wo') ? { wo: tf.matMul(dOut, h, true, false) } : {}),
            ...(trained('norm') ? { norm: normWeightGradient(dNormed, u) } : {}),
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
    const { unit, inverse, output: normed } = normForward(x2, w.norm, epsilon);
    const before = tf.matMul(normed, w.wi0 as tf.Tensor2D, false, true) as tf.Tensor2D;
    const factor = tf.matMul(normed, w.wi1 as tf.Tensor2D, false, true) as tf.Tensor2D;
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
        const dNormed = tf.add(
          tf.matMul(dBefore, own.wi0 as tf.Tensor2D),
          tf.matMul(dFactor, own.wi1 as tf.Tensor2D),
        );
        const normedAgain = (): tf.Tensor2D => tf.mul(u, own.norm);
        return {
          inputs: [tf.add(dOut, normBackward(dNormed, u, r, own.norm)).reshape(dy.shape)],
          weights: {
            ...(trained('wi0') ? { wi0: tf.matMul(dBefore, normedAgain(), true, false) } : {}),
            ...(trained('wi1') ? { wi1: tf.matMul(dFactor, normedAgain(), true, false) } : {}),
            ...(trained('wo') ? { wo: tf.matMul(dOut, tf.mul(g, f), true, false) } : {}),
            ...(trained('norm') ? { norm: normWeightGradient(dNormed, u) } : {}),
          },
        };
      },
    };
  }) as tf.Tensor3D;
}
