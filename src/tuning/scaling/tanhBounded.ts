import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** One scale a token, held in (0, 2): s_i = 1 + tanh(t_i); t `[promptLength]` starts at 0, which is s = 1. */
export const tanhBounded: ScalingDefinition = {
  name: 'tanh-bounded',
  shapes: (promptLength) => ({ logit: [promptLength] }),
  init: (prompt) => ({ logit: tf.zeros([prompt.shape[0]]) }),
  apply: (prompt, { logit }) => tf.mul(prompt, tf.add(tf.tanh(logit as tf.Tensor), 1).expandDims(-1)),
  folds: true,
};
