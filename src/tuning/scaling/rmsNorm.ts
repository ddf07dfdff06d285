import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** Added to a mean square. */
const EPSILON = 1e-6;

/**
 * RMS norm of each token with a trained gain: g * p_i / rms(p_i); g `[dModel]` starts at the root mean square of the whole
 * prompt, so that sizes stay what they were.
 * Reference: Zhang and Sennrich 2019 (arXiv 1910.07467), equation 4.
 */
export const rmsNorm: ScalingDefinition = {
  name: 'rms-norm',
  shapes: (_promptLength, dModel) => ({ gain: [dModel] }),
  init: (prompt) => ({
    gain: tf.tidy(() => tf.mul(tf.ones([prompt.shape[1]]), tf.sqrt(tf.mean(tf.square(prompt))))),
  }),
  apply: (prompt, { gain }) => {
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(prompt), -1, true), EPSILON));
    return tf.mul(tf.mul(prompt, inverse), (gain as tf.Tensor).expandDims(1));
  },
  folds: true,
};
