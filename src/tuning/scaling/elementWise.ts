import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** A scale for every number of the prompt: S * P, S `[promptLength, dModel]` starts at 1. */
export const elementWise: ScalingDefinition = {
  name: 'element-wise',
  shapes: (promptLength, dModel) => ({ scale: [promptLength, dModel] }),
  init: (prompt) => ({ scale: tf.ones(prompt.shape) }),
  apply: (prompt, { scale }) => tf.mul(prompt, scale as tf.Tensor),
  folds: true,
};
