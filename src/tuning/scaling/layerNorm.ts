import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** Added to a variance. */
const EPSILON = 1e-6;

function centred(prompt: tf.Tensor): tf.Tensor {
  return tf.sub(prompt, tf.mean(prompt, -1, true));
}

/**
 * Layer norm of each token with a trained gain: g * (p_i - mean(p_i)) / deviation(p_i); g `[dModel]` starts at the root
 * mean square of the whole centred prompt, so that sizes stay what they were.
 * Reference: Ba et al. 2016 (arXiv 1607.06450), equation 4, without its bias.
 */
export const layerNorm: ScalingDefinition = {
  name: 'layer-norm',
  shapes: (_promptLength, dModel) => ({ gain: [dModel] }),
  init: (prompt) => ({
    gain: tf.tidy(() => tf.mul(tf.ones([prompt.shape[1]]), tf.sqrt(tf.mean(tf.square(centred(prompt)))))),
  }),
  apply: (prompt, { gain }) => {
    const own = centred(prompt);
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(own), -1, true), EPSILON));
    return tf.mul(tf.mul(own, inverse), (gain as tf.Tensor).expandDims(1));
  },
  folds: true,
};
