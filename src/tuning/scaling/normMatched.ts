import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';
import { tokenNorms } from './tokenNorms';

/**
 * Scales set once, at the start, and then fixed, that give every token the input's norm: s_i = m / ||p_i||, m the median
 * norm of the commonest tokens' input embeddings; s `[promptLength]`. A rival of the trained scale: if matching the input
 * is what helps, this does as well.
 */
export const normMatched: ScalingDefinition = {
  name: 'norm-matched',
  shapes: (promptLength) => ({ scale: [promptLength] }),
  frozen: ['scale'],
  init: async (prompt, { inputNorm }) => {
    const norm = await inputNorm();
    return { scale: tf.tidy(() => tf.div(norm, tokenNorms(prompt)).squeeze([-1])) };
  },
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)),
  folds: true,
};
