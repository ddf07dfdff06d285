import { tf } from '../../tensor/backend';
import { repeatRuns, rowsPerRun } from '../../tensor/rows';
import type { ScalingDefinition } from './scaling';
import { tokenNorms } from './tokenNorms';

/**
 * A scale a token that the input decides: s_i = 2 sigmoid(w_i x + b_i), x the mean input embedding at norm 1; W
 * `[promptLength, dModel]` and b `[promptLength]` start at 0, which is s = 1.
 *
 * Does not fold: each input has its own prompt.
 */
export const inputGated: ScalingDefinition = {
  name: 'input-gated',
  shapes: (promptLength, dModel) => ({ weight: [promptLength, dModel], bias: [promptLength] }),
  init: (prompt) => ({ weight: tf.zeros(prompt.shape), bias: tf.zeros([prompt.shape[0]]) }),
  apply: (prompt, { weight, bias }, pooled) => {
    const [runs, promptLength, dModel] = prompt.shape;
    const input = pooled();
    const [rows] = input.shape;
    const direction = tf.div(input, tokenNorms(input));
    const byRun = direction.reshape([runs, rowsPerRun('inputGated', rows, runs), dModel]);
    const scores = tf.add(
      tf.matMul(byRun, weight as tf.Tensor3D, false, true),
      (bias as tf.Tensor).expandDims(1),
    );
    const scale = tf.mul(tf.sigmoid(scores), 2).reshape([rows, promptLength, 1]);
    return tf.mul(repeatRuns(prompt, rows), scale);
  },
  folds: false,
};
