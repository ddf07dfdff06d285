import { tf } from '../../tensor/backend';

/** Added to a squared norm, so that a zero vector has a gradient. */
const TINY = 1e-12;

/** Each token's Euclidean norm: `[..., promptLength, dModel]` -> `[..., promptLength, 1]`. */
export function tokenNorms(prompt: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.add(tf.sum(tf.square(prompt), -1, true), TINY));
}
