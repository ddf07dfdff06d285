import { tf } from '../tensor/backend';
import { geluTanhForward } from '../tensor/fused';
import { appendKeyValue, mergeHeads, padBias, splitHeads, type KeyValue } from './attention';

// A decoder's layers over one new token a row, `[rows, dModel]`, norm and residual included, without gradients: as few
// operations as can be, since for one token their number costs more than their arithmetic.

/**
 * T5's layer norm with its constants folded: y = w sqrt(d) x / sqrt(sum(x^2) + d epsilon).
 * weight: w sqrt(d), `[d]`; epsilon: d epsilon.
 */
export type TokenNorm = { readonly weight: tf.Tensor1D; readonly epsilon: tf.Scalar };

/** Folds a layer norm; what it gives is multiplied by `factor`. The caller owns the tensors. */
export function tokenNorm(weight: tf.Tensor1D, epsilon: number, factor = 1): TokenNorm {
  const [d] = weight.shape;
  return { weight: tf.mul(weight, Math.sqrt(d) * factor), epsilon: tf.scalar(d * epsilon) };
}

function unit(x: tf.Tensor2D, epsilon: tf.Scalar): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), epsilon)));
}

export function normToken(x: tf.Tensor2D, { weight, epsilon }: TokenNorm): tf.Tensor2D {
  return tf.mul(unit(x, epsilon), weight);
}

const times = (x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D => tf.matMul(x, weight, false, true);

/** softmax(q k^T + bias) v by head; the bias gets zeros for the keys of a prefix. */
function attended(q: tf.Tensor4D, { key, value }: KeyValue, bias: tf.Tensor4D): tf.Tensor4D {
  const scores = tf.add(tf.matMul(q, key, false, true), padBias(bias, key.shape[2] - bias.shape[3]));
  return tf.matMul(tf.softmax(scores) as tf.Tensor4D, value);
}

/** The residual with an attention's output added. */
function projectBack(x: tf.Tensor2D, context: tf.Tensor4D, o: tf.Tensor2D): tf.Tensor2D {
  return tf.add(x, times(mergeHeads<tf.Tensor2D>(context, [x.shape[0], o.shape[1]]), o));
}

/** The three projections one below the other, the norm's weight folded in, `[3 x inner, dModel]`; d epsilon. */
export type TokenSelfAttention = { readonly qkv: tf.Tensor2D; readonly epsilon: tf.Scalar };

/** Stacks a self-attention's q, k and v behind its norm, which the result takes over. */
export function tokenSelfAttention(
  { weight, epsilon }: TokenNorm,
  projections: readonly tf.Tensor2D[],
): TokenSelfAttention {
  return { qkv: tf.mul(tf.concat([...projections], 0), weight), epsilon };
}

/** Self-attention over the past and the token itself, and the past with the token. bias: `[1, numHeads, 1, keys]`. */
export function selfAttendToken(
  x: tf.Tensor2D,
  past: KeyValue | undefined,
  { epsilon, qkv }: TokenSelfAttention,
  o: tf.Tensor2D,
  bias: tf.Tensor4D,
): { readonly output: tf.Tensor2D; readonly past: KeyValue } {
  const [rows] = x.shape;
  const numHeads = bias.shape[1];
  const byHead = times(unit(x, epsilon), qkv).reshape([rows, 3, numHeads, 1, o.shape[1] / numHeads]);
  const [q, key, value] = tf.unstack(byHead, 1) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const all = appendKeyValue(past, { key, value });
  return { output: projectBack(x, attended(q, all, bias), o), past: all };
}

/** Cross-attention; rows that stand for one source, as beams do, share its memory and follow one another. */
export function crossAttendToken(
  x: tf.Tensor2D,
  memory: KeyValue & { readonly bias: tf.Tensor4D },
  norm: TokenNorm,
  q: tf.Tensor2D,
  o: tf.Tensor2D,
): tf.Tensor2D {
  const [sources, numHeads] = memory.key.shape;
  const query = splitHeads(times(normToken(x, norm), q), sources, numHeads);
  return projectBack(x, attended(query, memory, memory.bias), o);
}

/** A feed-forward layer; `into` is wi, or wi_0 (the gate) and wi_1 of T5 v1.1. */
export function feedForwardToken(
  x: tf.Tensor2D,
  norm: TokenNorm,
  into: readonly [tf.Tensor2D] | readonly [tf.Tensor2D, tf.Tensor2D],
  wo: tf.Tensor2D,
): tf.Tensor2D {
  const [first, second] = into;
  const input = normToken(x, norm);
  const before = times(input, first);
  const inner =
    second === undefined ? tf.relu(before) : tf.mul(geluTanhForward(before).value, times(input, second));
  return tf.add(x, times(inner as tf.Tensor2D, wo));
}
