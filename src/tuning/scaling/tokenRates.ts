import { tf } from '../../tensor/backend';
import type { ScalingDefinition } from './scaling';

/**
 * Prompt-Tuning with a learning rate a token, as a parametrisation: the model reads e_i = r_i q_i, with q trained and the
 * rates r `[promptLength]` fixed. A step that moves q_i by d moves e_i by r_i d, and an optimizer that divides a gradient by
 * its running size (AdamW; Adafactor, whose row factor takes r_i out again but whose column factor then weighs tokens by
 * r_i^2) moves q_i as far whatever r_i is, so e_i learns at r_i times the learning rate. It starts at Prompt-Tuning's own
 * prompt, q_i = p_i / r_i.
 *
 * A rival of the trained scale. The rates are those that token-wise scaling gives at its start: there e_i = s_i p_i moves by
 * s_i dp_i + p_i ds_i; both updates have size 1 times the learning rate, so e_i moves, per number and in the root mean square, by
 * r_i = sqrt(1 + rms(p_i)^2), s being 1 (see `matchedLearningRate`).
 */
export const tokenRates: ScalingDefinition = {
  name: 'token-rates',
  shapes: (promptLength) => ({ rate: [promptLength] }),
  frozen: ['rate'],
  init: (prompt) =>
    tf.tidy(() => {
      const rate = tf.sqrt(tf.add(tf.mean(tf.square(prompt), -1, true), 1));
      return { prompt: tf.div(prompt, rate), rate: rate.squeeze([-1]) };
    }),
  apply: (prompt, { rate }) => tf.mul(prompt, (rate as tf.Tensor).expandDims(-1)),
  folds: true,
};
