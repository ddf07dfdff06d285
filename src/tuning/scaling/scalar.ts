import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** One scale for the whole prompt: s P, s `[1]` starts at 1. */
export const scalar: ScalingDefinition = {
  name: 'scalar',
  shapes: () => ({ scale: [1] }),
  init: () => ({ scale: tf.ones([1]) }),
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(-1)),
  folds: true,
};
