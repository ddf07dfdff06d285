import { tf } from './backend';
import {
  fusedLayer,
  normedProduct,
  normedProductBackward,
  unitBackward,
  unitForward,
  type LayerWeight,
} from './fusedLayer';

type AttentionWeightName = 'norm' | 'q' | 'k' | 'v' | 'o' | 'bias';

/** Weights of an attention layer: the layer norm's `[dModel]`, q, k, v `[inner, dModel]`, o `[dModel, inner]`. */
export type AttentionLayerWeights = Readonly<Record<AttentionWeightName, LayerWeight>>;

/**
 * What attention keeps for its gradient: q, k, v, the weights after the softmax, and their product with v, by head:
 * `[1, rows, numHeads, length, ...]`.
 */
type Attended = [tf.Tensor5D, tf.Tensor5D, tf.Tensor5D, tf.Tensor5D, tf.Tensor5D];

export type AttentionLayerOptions = { readonly numHeads: number; readonly epsilon: number };

/**
 * A product with `parts` stacked projections by part and head: `[rows x length, parts x numHeads x dKv]` ->
 * `[1, rows, numHeads, length, dKv]` each. One transpose for all; the parts then lie one after the other and share it.
 */
function toHeads(x: tf.Tensor, parts: number, rows: number, numHeads: number): tf.Tensor5D[] {
  const [n = 0, width = 0] = x.shape;
  const split = x.reshape([rows, n / rows, parts, numHeads, width / (parts * numHeads)]);
  const stacked = tf.transpose(split, [2, 0, 3, 1, 4]) as tf.Tensor5D;
  return parts === 1 ? [stacked] : tf.split(stacked, parts, 0);
}

/** The inverse of `toHeads`: parts `[1, rows, numHeads, length, dKv]` -> `[rows x length, parts x numHeads x dKv]`. */
function fromHeads(parts: readonly tf.Tensor5D[]): tf.Tensor2D {
  const stacked = parts.length === 1 ? (parts[0] as tf.Tensor5D) : (tf.concat([...parts], 0) as tf.Tensor5D);
  const [count, rows, numHeads, length, dKv] = stacked.shape;
  return tf.transpose(stacked, [1, 3, 0, 2, 4]).reshape([rows * length, count * numHeads * dKv]);
}

/** softmax(q k^T + bias) and its product with v, by head. */
function attend(q: tf.Tensor5D, k: tf.Tensor5D, v: tf.Tensor5D, bias: tf.Tensor): [tf.Tensor5D, tf.Tensor5D] {
  const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)) as tf.Tensor5D;
  return [weights, tf.matMul(weights, v)];
}

/**
 * Gradients of scores, q, k and v from that of the context, by head: with W the weights and C = W V,
 * dS = W * (dC V^T - rowsum(dC * C)), since rowsum(W * dW) = rowsum(dC * C).
 */
function attendBackward(
  dContext: tf.Tensor5D,
  [q, k, v, weights, context]: Attended,
): { dScores: tf.Tensor5D; dq: tf.Tensor5D; dk: tf.Tensor5D; dv: tf.Tensor5D } {
  const delta = tf.sum(tf.mul(dContext, context), -1, true);
  const dScores = tf.mul(weights, tf.sub(tf.matMul(dContext, v, false, true), delta)) as tf.Tensor5D;
  return {
    dScores,
    dq: tf.matMul(dScores, k),
    dk: tf.matMul(dScores, q, true, false),
    dv: tf.matMul(weights, dContext, true, false),
  };
}

/** The scores' gradient summed to the bias's shape. */
function biasGradient(dScores: tf.Tensor5D, bias: tf.Tensor): tf.Tensor {
  const byRow = dScores.reshape(dScores.shape.slice(1));
  const axes = bias.shape.flatMap((n, axis) => (n === 1 && byRow.shape[axis] !== 1 ? [axis] : []));
  return axes.length > 0 ? tf.sum(byRow, axes, true) : byRow;
}

/** Rows of a stacked projection's gradient as those of its parts. */
function splitRows<Name extends string>(
  stacked: tf.Tensor,
  names: readonly Name[],
): Partial<Record<Name, tf.Tensor>> {
  const parts = tf.split(stacked, names.length, 0);
  return Object.fromEntries(names.map((name, i) => [name, parts[i]])) as Partial<Record<Name, tf.Tensor>>;
}

/**
 * A whole self-attention layer, x + O attention(norm(x)), its gradient by hand: one product for q, k and v, and nothing
 * on the tape in between.
 *
 * x: `[rows, length, dModel]`; bias: broadcastable to `[rows, numHeads, length, length]`.
 */
export function selfAttentionLayer(
  x: tf.Tensor3D,
  weights: AttentionLayerWeights,
  { numHeads, epsilon }: AttentionLayerOptions,
): tf.Tensor3D {
  const [rows, length, dModel] = x.shape;
  const flat: [number, number] = [rows * length, dModel];
  return fusedLayer<AttentionWeightName, [tf.Tensor2D, tf.Tensor2D, ...Attended]>([x], weights, (w) => {
    const x2 = x.reshape(flat) as tf.Tensor2D;
    const { unit, inverse } = unitForward(x2, epsilon);
    const projected = normedProduct(unit, w.norm, tf.concat([w.q, w.k, w.v], 0) as tf.Tensor2D);
    const [q, k, v] = toHeads(projected, 3, rows, numHeads) as [tf.Tensor5D, tf.Tensor5D, tf.Tensor5D];
    const [probabilities, context] = attend(q, k, v, w.bias);
    const merged = fromHeads([context]);
    const value = tf.add(x2, tf.matMul(merged, w.o as tf.Tensor2D, false, true)).reshape(x.shape);
    return {
      value,
      saved: [unit, inverse, q, k, v, probabilities, context],
      backward: (dy, [u, r, ...heads], own, trained) => {
        const dOut = dy.reshape(flat) as tf.Tensor2D;
        const [dContext] = toHeads(tf.matMul(dOut, own.o as tf.Tensor2D), 1, rows, numHeads) as [tf.Tensor5D];
        const { dScores, dq, dk, dv } = attendBackward(dContext, heads);
        const dProjected = fromHeads([dq, dk, dv]);
        const qkv = tf.concat([own.q, own.k, own.v], 0) as tf.Tensor2D;
        const found = normedProductBackward(dProjected, u, own.norm, qkv, trained('norm'));
        return {
          inputs: [tf.add(dOut, unitBackward(found.unit, u, r)).reshape(dy.shape)],
          weights: {
            ...(trained('q') || trained('k') || trained('v')
              ? splitRows(tf.mul(tf.matMul(dProjected, u, true, false), own.norm), ['q', 'k', 'v'])
              : {}),
            ...(trained('o') ? { o: tf.matMul(dOut, fromHeads([heads[4]]), true, false) } : {}),
            ...found.weights,
            ...(trained('bias') ? { bias: biasGradient(dScores, own.bias) } : {}),
          },
        };
      },
    };
  }) as tf.Tensor3D;
}

/**
 * A whole cross-attention layer, x + O attention(norm(x), encoded), its gradient by hand.
 *
 * x: `[rows, length, dModel]`; encoded: `[rows, sourceLength, dModel]`; bias: broadcastable to
 * `[rows, numHeads, length, sourceLength]`.
 */
export function crossAttentionLayer(
  x: tf.Tensor3D,
  encoded: tf.Tensor3D,
  weights: AttentionLayerWeights,
  { numHeads, epsilon }: AttentionLayerOptions,
): tf.Tensor3D {
  const [rows, length, dModel] = x.shape;
  const flat: [number, number] = [rows * length, dModel];
  const flatMemory: [number, number] = [rows * encoded.shape[1], dModel];
  return fusedLayer<AttentionWeightName, [tf.Tensor2D, tf.Tensor2D, tf.Tensor3D, ...Attended]>(
    [x, encoded],
    weights,
    (w) => {
      const x2 = x.reshape(flat) as tf.Tensor2D;
      const memory = encoded.reshape(flatMemory) as tf.Tensor2D;
      const { unit, inverse } = unitForward(x2, epsilon);
      const query = normedProduct(unit, w.norm, w.q as tf.Tensor2D);
      const [q] = toHeads(query, 1, rows, numHeads) as [tf.Tensor5D];
      const projected = tf.matMul(memory, tf.concat([w.k, w.v], 0) as tf.Tensor2D, false, true);
      const [k, v] = toHeads(projected, 2, rows, numHeads) as [tf.Tensor5D, tf.Tensor5D];
      const [probabilities, context] = attend(q, k, v, w.bias);
      const value = tf
        .add(x2, tf.matMul(fromHeads([context]), w.o as tf.Tensor2D, false, true))
        .reshape(x.shape);
      return {
        value,
        saved: [unit, inverse, encoded, q, k, v, probabilities, context],
        backward: (dy, [u, r, source, ...heads], own, trained) => {
          const dOut = dy.reshape(flat) as tf.Tensor2D;
          const [dContext] = toHeads(tf.matMul(dOut, own.o as tf.Tensor2D), 1, rows, numHeads) as [
            tf.Tensor5D,
          ];
          const { dScores, dq, dk, dv } = attendBackward(dContext, heads);
          const dQuery = fromHeads([dq]);
          const found = normedProductBackward(dQuery, u, own.norm, own.q as tf.Tensor2D, trained('norm'));
          const dMemory = fromHeads([dk, dv]);
          const dEncoded = tf.matMul(dMemory, tf.concat([own.k, own.v], 0) as tf.Tensor2D);
          return {
            inputs: [
              tf.add(dOut, unitBackward(found.unit, u, r)).reshape(dy.shape),
              dEncoded.reshape(source.shape),
            ],
            weights: {
              ...(trained('q') ? { q: tf.mul(tf.matMul(dQuery, u, true, false), own.norm) } : {}),
              ...(trained('k') || trained('v')
                ? splitRows(tf.matMul(dMemory, source.reshape(flatMemory), true, false), ['k', 'v'])
                : {}),
              ...(trained('o') ? { o: tf.matMul(dOut, fromHeads([heads[4]]), true, false) } : {}),
              ...found.weights,
              ...(trained('bias') ? { bias: biasGradient(dScores, own.bias) } : {}),
            },
          };
        },
      };
    },
  ) as tf.Tensor3D;
}
