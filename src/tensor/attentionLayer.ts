import { tf } from './backend';
import { fusedLayer, normBackward, normForward, normWeightGradient, type LayerWeight } from './fusedLayer';

type AttentionWeightName = 'norm' | 'q' | 'k' | 'v' | 'o' | 'bias';

/** Weights of an attention layer: the layer norm's `[dModel]`, q, k, v `[inner, dModel]`, o `[dModel, inner]`. */
export type AttentionLayerWeights = Readonly<Record<AttentionWeightName, LayerWeight>>;

/** What attention keeps for its gradient: q, k, v, the weights after the softmax, and their product with v. */
type Attended = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

export type AttentionLayerOptions = { readonly numHeads: number; readonly epsilon: number };

/** `[rows x length, numHeads x dKv]` -> `[rows, numHeads, length, dKv]`. */
function toHeads(x: tf.Tensor, rows: number, numHeads: number): tf.Tensor4D {
  const [n = 0, inner = 0] = x.shape;
  return tf.transpose(x.reshape([rows, n / rows, numHeads, inner / numHeads]), [0, 2, 1, 3]) as tf.Tensor4D;
}

/** `[rows, numHeads, length, dKv]` -> `[rows x length, numHeads x dKv]`. */
function fromHeads(x: tf.Tensor4D): tf.Tensor2D {
  const [rows, numHeads, length, dKv] = x.shape;
  return tf.transpose(x, [0, 2, 1, 3]).reshape([rows * length, numHeads * dKv]);
}

/** softmax(q k^T + bias) and its product with v, by head. */
function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, bias: tf.Tensor): [tf.Tensor4D, tf.Tensor4D] {
  const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)) as tf.Tensor4D;
  return [weights, tf.matMul(weights, v)];
}

/**
 * Gradients of scores, q, k and v from that of the context, by head: with W the weights and C = W V,
 * dS = W * (dC V^T - rowsum(dC * C)), since rowsum(W * dW) = rowsum(dC * C).
 */
function attendBackward(
  dContext: tf.Tensor4D,
  [q, k, v, weights, context]: Attended,
): { dScores: tf.Tensor; dq: tf.Tensor4D; dk: tf.Tensor4D; dv: tf.Tensor4D } {
  const delta = tf.sum(tf.mul(dContext, context), -1, true);
  const dScores = tf.mul(weights, tf.sub(tf.matMul(dContext, v, false, true), delta));
  return {
    dScores,
    dq: tf.matMul(dScores, k),
    dk: tf.matMul(dScores, q, true, false),
    dv: tf.matMul(weights, dContext, true, false),
  };
}

/** The scores' gradient summed to the bias's shape. */
function biasGradient(dScores: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const axes = bias.shape.flatMap((n, axis) => (n === 1 && dScores.shape[axis] !== 1 ? [axis] : []));
  return axes.length > 0 ? tf.sum(dScores, axes, true) : dScores;
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
    const { unit, inverse, output: normed } = normForward(x2, w.norm, epsilon);
    const projected = tf.matMul(normed, tf.concat([w.q, w.k, w.v], 0) as tf.Tensor2D, false, true);
    const [q, k, v] = tf.split(projected, 3, 1).map((part) => toHeads(part, rows, numHeads)) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const [probabilities, context] = attend(q, k, v, w.bias);
    const merged = fromHeads(context);
    const value = tf.add(x2, tf.matMul(merged, w.o as tf.Tensor2D, false, true)).reshape(x.shape);
    return {
      value,
      saved: [unit, inverse, q, k, v, probabilities, context],
      backward: (dy, [u, r, ...heads], own, trained) => {
        const dOut = dy.reshape(flat) as tf.Tensor2D;
        const dContext = toHeads(tf.matMul(dOut, own.o as tf.Tensor2D), rows, numHeads);
        const { dScores, dq, dk, dv } = attendBackward(dContext, heads);
        const dProjected = tf.concat([dq, dk, dv].map(fromHeads), 1) as tf.Tensor2D;
        const dNormed = tf.matMul(dProjected, tf.concat([own.q, own.k, own.v], 0) as tf.Tensor2D);
        const dx = tf.add(dOut, normBackward(dNormed, u, r, own.norm)).reshape(dy.shape);
        return {
          inputs: [dx],
          weights: {
            ...(trained('q') || trained('k') || trained('v')
              ? splitRows(tf.matMul(dProjected, tf.mul(u, own.norm), true, false), ['q', 'k', 'v'])
              : {}),
            ...(trained('o') ? { o: tf.matMul(dOut, fromHeads(heads[4]), true, false) } : {}),
            ...(trained('norm') ? { norm: normWeightGradient(dNormed, u) } : {}),
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
      const { unit, inverse, output: normed } = normForward(x2, w.norm, epsilon);
      const q = toHeads(tf.matMul(normed, w.q as tf.Tensor2D, false, true), rows, numHeads);
      const projected = tf.matMul(memory, tf.concat([w.k, w.v], 0) as tf.Tensor2D, false, true);
      const [k, v] = tf.split(projected, 2, 1).map((part) => toHeads(part, rows, numHeads)) as [
        tf.Tensor4D,
        tf.Tensor4D,
      ];
      const [probabilities, context] = attend(q, k, v, w.bias);
      const value = tf
        .add(x2, tf.matMul(fromHeads(context), w.o as tf.Tensor2D, false, true))
        .reshape(x.shape);
      return {
        value,
        saved: [unit, inverse, encoded, q, k, v, probabilities, context],
        backward: (dy, [u, r, source, ...heads], own, trained) => {
          const dOut = dy.reshape(flat) as tf.Tensor2D;
          const dContext = toHeads(tf.matMul(dOut, own.o as tf.Tensor2D), rows, numHeads);
          const { dScores, dq, dk, dv } = attendBackward(dContext, heads);
          const dQuery = fromHeads(dq);
          const dNormed = tf.matMul(dQuery, own.q as tf.Tensor2D);
          const dMemory = tf.concat([dk, dv].map(fromHeads), 1) as tf.Tensor2D;
          const dEncoded = tf.matMul(dMemory, tf.concat([own.k, own.v], 0) as tf.Tensor2D);
          return {
            inputs: [
              tf.add(dOut, normBackward(dNormed, u, r, own.norm)).reshape(dy.shape),
              dEncoded.reshape(source.shape),
            ],
            weights: {
              ...(trained('q') ? { q: tf.matMul(dQuery, tf.mul(u, own.norm), true, false) } : {}),
              ...(trained('k') || trained('v')
                ? splitRows(tf.matMul(dMemory, source.reshape(flatMemory), true, false), ['k', 'v'])
                : {}),
              ...(trained('o') ? { o: tf.matMul(dOut, fromHeads(heads[4]), true, false) } : {}),
              ...(trained('norm') ? { norm: normWeightGradient(dNormed, u) } : {}),
              ...(trained('bias') ? { bias: biasGradient(dScores, own.bias) } : {}),
            },
          };
        },
      };
    },
  ) as tf.Tensor3D;
}
