import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';
import { tokenNorms } from './tokenNorms';

/**
 * Every token kept at one norm at every step: c p_i / ||p_i||; c `[1]` is the median norm of the commonest tokens' input
 * embeddings and stays there, so that only directions are trained.
 */
export const normTarget: ScalingDefinition = {
  name: 'norm-target',
  shapes: () => ({ target: [1] }),
  frozen: ['target'],
  init: async (_prompt, { inputNorm }) => ({ target: tf.tensor1d([await inputNorm()]) }),
  apply: (prompt, { target }) =>
    tf.mul(prompt, tf.div((target as tf.Tensor).expandDims(-1), tokenNorms(prompt))),
  folds: true,
};
