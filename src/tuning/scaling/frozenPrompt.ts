import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** Trained scales on a prompt that stays as it starts: s_i p_i; s `[promptLength]` starts at 1. */
export const frozenPrompt: ScalingDefinition = {
  name: 'frozen-prompt',
  shapes: (promptLength) => ({ scale: [promptLength] }),
  frozen: ['prompt'],
  init: (prompt) => ({ scale: tf.ones([prompt.shape[0]]) }),
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)),
  folds: true,
};
