import { tf } from '../../tensor/backend';
import { normalValues } from '../initialValues';
import type { ScalingDefinition } from './scaling';

/** Rank of the scale's change. */
const RANK = 4;

/**
 * A scale for every number of the prompt, of low rank over tokens and dimensions: (1 + U V) * P, U `[promptLength, 4]`
 * normal with deviation 1/2, V `[4, dModel]` zero at the start.
 */
export const lowRank: ScalingDefinition = {
  name: 'low-rank',
  shapes: (promptLength, dModel) => ({ left: [promptLength, RANK], right: [RANK, dModel] }),
  init: (prompt, { rng }) => ({
    left: normalValues([prompt.shape[0], RANK], RANK ** -0.5, rng),
    right: tf.zeros([RANK, prompt.shape[1]]),
  }),
  apply: (prompt, { left, right }) =>
    tf.mul(prompt, tf.add(tf.matMul(left as tf.Tensor3D, right as tf.Tensor3D), 1)),
  folds: true,
};
