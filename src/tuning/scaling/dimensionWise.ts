import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/** One scale a dimension, the same for all tokens: column j becomes s_j p_j; s `[dModel]` starts at 1. */
export const dimensionWise: ScalingDefinition = {
  name: 'dimension-wise',
  shapes: (_promptLength, dModel) => ({ scale: [dModel] }),
  init: (prompt) => ({ scale: tf.ones([prompt.shape[1]]) }),
  apply: (prompt, { scale }) => tf.mul(prompt, (scale as tf.Tensor).expandDims(1)),
  folds: true,
};
