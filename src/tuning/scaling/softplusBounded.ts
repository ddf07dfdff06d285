import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** The argument at which softplus is 1. */
const ONE = Math.log(Math.E - 1);

/** One scale a token, held above 0: s_i = log(1 + exp(t_i)); t `[promptLength]` starts where s = 1. */
export const softplusBounded: ScalingDefinition = {
  name: 'softplus-bounded',
  shapes: (promptLength) => ({ logit: [promptLength] }),
  init: (prompt) => ({ logit: tf.fill([prompt.shape[0]], ONE) }),
  apply: (prompt, { logit }) => tf.mul(prompt, tf.softplus(logit as tf.Tensor).expandDims(-1)),
  folds: true,
};
