import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** A scale a token and one shift for all tokens: s_i p_i + b; s `[promptLength]` starts at 1, b `[dModel]` at 0. */
export const affine: ScalingDefinition = {
  name: 'affine',
  shapes: (promptLength, dModel) => ({ scale: [promptLength], shift: [dModel] }),
  init: (prompt) => ({ scale: tf.ones([prompt.shape[0]]), shift: tf.zeros([prompt.shape[1]]) }),
  apply: (prompt, { scale, shift }) =>
    tf.add(tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)), (shift as tf.Tensor).expandDims(1)),
  folds: true,
};
