import { nativeEinsum, tf } from './backend';

// Products of a stream, `[rows, length, width]`, with matrices, past the tape: for the inside of hand-written gradients.
// TensorFlow contracts in one kernel what other backends reshape, transpose and multiply.

/** By part (query, key, value) and head: `[parts, rows, heads, length, dKv]`. */
export type Heads = tf.Tensor5D;

const flat = (x: tf.Tensor): tf.Tensor2D => x.reshape([-1, x.shape.at(-1) ?? 1]);

/** x W^T: x `[rows, length, d]`, W `[out, d]` -> `[rows, length, out]`. */
export function times(x: tf.Tensor3D, matrix: tf.Tensor2D): tf.Tensor3D {
  return (nativeEinsum('nld,fd->nlf', x, matrix) ??
    tf
      .matMul(flat(x), matrix, false, true)
      .reshape([x.shape[0], x.shape[1], matrix.shape[0]])) as tf.Tensor3D;
}

/** x W: x `[rows, length, out]`, W `[out, d]` -> `[rows, length, d]`: the gradient of `times` in x. */
export function timesTransposed(x: tf.Tensor3D, matrix: tf.Tensor2D): tf.Tensor3D {
  return (nativeEinsum('nlf,fd->nld', x, matrix) ??
    tf.matMul(flat(x), matrix).reshape([x.shape[0], x.shape[1], matrix.shape[1]])) as tf.Tensor3D;
}

/** The gradient of `times` in W: dy `[rows, length, out]`, x `[rows, length, d]` -> `[out, d]`. */
export function timesGradient(dy: tf.Tensor3D, x: tf.Tensor3D): tf.Tensor2D {
  return (nativeEinsum('nlf,nld->fd', dy, x) ?? tf.matMul(flat(dy), flat(x), true, false)) as tf.Tensor2D;
}

/** x W^T by part and head: x `[rows, length, d]`, W `[parts, heads, dKv, d]`. */
export function toHeads(x: tf.Tensor3D, matrix: tf.Tensor4D): Heads {
  const [parts, heads, dKv] = matrix.shape;
  return (nativeEinsum('nld,phed->pnhle', x, matrix) ??
    byHead(tf.matMul(flat(x), flat(matrix), false, true), x, [parts, heads, dKv])) as Heads;
}

/** Heads times W, summed over parts and heads: W `[parts, heads, dKv, d]` -> `[rows, length, d]`. */
export function fromHeads(heads: Heads, matrix: tf.Tensor4D): tf.Tensor3D {
  const [, rows, , length] = heads.shape;
  return (nativeEinsum('pnhle,phed->nld', heads, matrix) ??
    tf.matMul(sideBySide(heads), flat(matrix)).reshape([rows, length, -1])) as tf.Tensor3D;
}

/** What `toHeads` gives by the transposed matrix: W `[d, 1, heads, dKv]`. */
export function toHeadsTransposed(x: tf.Tensor3D, matrix: tf.Tensor4D): Heads {
  const [d, parts, heads, dKv] = matrix.shape;
  return (nativeEinsum('nld,dphe->pnhle', x, matrix) ??
    byHead(tf.matMul(flat(x), matrix.reshape([d, -1])), x, [parts, heads, dKv])) as Heads;
}

/** What `fromHeads` gives by the transposed matrix: W `[d, 1, heads, dKv]`. */
export function fromHeadsTransposed(heads: Heads, matrix: tf.Tensor4D): tf.Tensor3D {
  const [, rows, , length] = heads.shape;
  const [d] = matrix.shape;
  return (nativeEinsum('pnhle,dphe->nld', heads, matrix) ??
    tf
      .matMul(sideBySide(heads), matrix.reshape([d, -1]), false, true)
      .reshape([rows, length, d])) as tf.Tensor3D;
}

/** The gradient of `toHeads` (of x) and of `fromHeads` (whose result's gradient is x) in W, `[parts x heads x dKv, d]`. */
export function headsGradient(heads: Heads, x: tf.Tensor3D): tf.Tensor2D {
  return flat(
    nativeEinsum('pnhle,nld->phed', heads, x) ?? tf.matMul(sideBySide(heads), flat(x), true, false),
  );
}

/** Products `[rows x length, parts x heads x dKv]` of x `[rows, length, d]` by part and head. */
function byHead(
  products: tf.Tensor,
  { shape: [rows, length] }: tf.Tensor3D,
  sizes: readonly number[],
): tf.Tensor {
  return tf.transpose(products.reshape([rows, length, ...sizes]), [2, 0, 3, 1, 4]);
}

/** The inverse of `byHead`. */
function sideBySide(heads: Heads): tf.Tensor2D {
  const [parts, rows, count, length, dKv] = heads.shape;
  return tf.transpose(heads, [1, 3, 0, 2, 4]).reshape([rows * length, parts * count * dKv]);
}
