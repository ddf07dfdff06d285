import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';
import { tokenNorms } from './tokenNorms';

/**
 * Direction and magnitude apart: g_i v_i / ||v_i||, v the stored prompt and g `[promptLength]`, which starts at ||v_i||, so
 * that the start is plain Prompt-Tuning.
 * Reference: Salimans and Kingma 2016 (arXiv 1602.07868), equation 2.
 */
export const directionMagnitude: ScalingDefinition = {
  name: 'direction-magnitude',
  shapes: (promptLength) => ({ magnitude: [promptLength] }),
  init: (prompt) => ({ magnitude: tf.tidy(() => tokenNorms(prompt).squeeze([-1])) }),
  apply: (prompt, { magnitude }) =>
    tf.mul(prompt, tf.div((magnitude as tf.Tensor).expandDims(-1), tokenNorms(prompt))),
  folds: true,
};
