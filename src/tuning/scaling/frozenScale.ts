import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/**
 * Scales drawn once and never trained, with a trained prompt: s_i log-uniform in [1/2, 2]; s `[promptLength]`. What then
 * differs from plain Prompt-Tuning is how fast each token moves (at 1 for all it would be Prompt-Tuning).
 */
export const frozenScale: ScalingDefinition = {
  name: 'frozen-scale',
  shapes: (promptLength) => ({ scale: [promptLength] }),
  frozen: ['scale'],
  init: (prompt, { rng }) => ({
    scale: tf.tensor1d(Array.from({ length: prompt.shape[0] }, () => 2 ** (2 * rng.uniform() - 1))),
  }),
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)),
  folds: true,
};
