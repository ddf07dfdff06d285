import { tf } from '../tensor/backend';
import { repeatRuns } from '../tensor/rows';
import type { Activation, KeyValuePrefix } from './sites';

/** Added to the score of a key that must not be attended to. */
const MASKED = -1e9;

/** Keys and values by head, `[rows, numHeads, length, dKv]` each. */
export type KeyValue = { readonly key: tf.Tensor4D; readonly value: tf.Tensor4D };

/**
 * By head: `[rows, length, numHeads x dKv]`, or its rows and lengths in one axis, -> `[rows, numHeads, length, dKv]`.
 * With fewer `rows` than x has, rows that follow one another stand side by side in `length`.
 */
export function splitHeads(x: tf.Tensor2D | tf.Tensor3D, rows: number, numHeads: number): tf.Tensor4D {
  const dKv = (x.shape.at(-1) ?? 1) / numHeads;
  const length = x.size / (rows * numHeads * dKv);
  // A single token's heads lie in the right order already.
  if (length === 1) return x.reshape([rows, numHeads, 1, dKv]);
  return tf.tidy(() => tf.transpose(x.reshape([rows, length, numHeads, dKv]), [0, 2, 1, 3]) as tf.Tensor4D);
}

/** The inverse of `splitHeads`: `[rows, numHeads, length, dKv]` -> the shape of what was split. */
export function mergeHeads<Whole extends tf.Tensor>(x: tf.Tensor4D, shape: Whole['shape']): Whole {
  if (x.shape[2] === 1) return x.reshape(shape) as Whole;
  return tf.tidy(() => tf.transpose(x, [0, 2, 1, 3]).reshape(shape) as Whole);
}

/** The bias that hides masked keys: mask `[rows, length]` -> `[rows, 1, 1, length]`. */
export function maskBias(mask: tf.Tensor2D): tf.Tensor4D {
  const [rows, length] = mask.shape;
  return tf.tidy(() => tf.mul(tf.sub(1, mask), MASKED).reshape([rows, 1, 1, length]));
}

/** The bias that hides later keys: `[1, 1, length, length]`. */
export function causalBias(length: number): tf.Tensor4D {
  const bias = new Float32Array(length * length);
  for (let q = 0; q < length; q++) bias.fill(MASKED, q * length + q + 1, (q + 1) * length);
  return tf.tensor4d(bias, [1, 1, length, length]);
}

/** A prefix for every row, and zeros in the bias for its keys: prefixes carry no relative position and no mask. */
export function prefixKeyValue(prefix: KeyValuePrefix, rows: number): KeyValue {
  return { key: repeatRuns(prefix.key, rows), value: repeatRuns(prefix.value, rows) };
}

/** Keys and values after those of the past (a prefix or a cache). */
export function appendKeyValue(past: KeyValue | undefined, next: KeyValue): KeyValue {
  if (past === undefined) return next;
  return { key: tf.concat([past.key, next.key], 2), value: tf.concat([past.value, next.value], 2) };
}

/** A bias lengthened on the left by zeros for the keys of a prefix. */
export function padBias(bias: tf.Tensor4D, prefixLength: number): tf.Tensor4D {
  if (prefixLength === 0) return bias;
  const [rows, heads, queries] = bias.shape;
  return tf.concat([tf.zeros([rows, heads, queries, prefixLength]), bias], 3);
}

/** x W^T for every row: x `[rows, length, in]`, weight `[out, in]` -> `[rows, length, out]`. */
export function linear(x: tf.Tensor3D, weight: tf.Tensor2D): tf.Tensor3D {
  const [rows, length, width] = x.shape;
  return tf.tidy(() =>
    tf
      .matMul(x.reshape([rows * length, width]), weight, false, true)
      .reshape([rows, length, weight.shape[0]]),
  );
}

/** The same mask around other values. */
export function withValues(activation: Activation, values: tf.Tensor3D): Activation {
  return { values, mask: activation.mask };
}
