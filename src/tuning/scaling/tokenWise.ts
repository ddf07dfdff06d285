import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/**
 * One scale a prompt token, the paper's: row i of the prompt becomes s_i p_i; s `[promptLength]` starts at 1, which is
 * plain Prompt-Tuning (the paper does not say its start).
 * Reference: Scaled Prompt-Tuning (arXiv 2309.06759).
 */
export const tokenWise: ScalingDefinition = {
  name: 'token-wise',
  shapes: (promptLength) => ({ scale: [promptLength] }),
  init: (prompt) => ({ scale: tf.ones([prompt.shape[0]]) }),
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)),
  folds: true,
};
