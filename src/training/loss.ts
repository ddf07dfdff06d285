import { tf } from '../tensor/backend';
import { tokenCrossEntropy } from '../tensor/fused';
import { rowsPerRun } from '../tensor/rows';
import type { Seq2SeqBatch } from '../model/batch';
import type { Tuning } from '../model/sites';
import { decode, encode, pass, vocabularyTable, type T5 } from '../model/t5';

/**
 * Each run's own loss: the mean cross-entropy of its target tokens (padding left out), `[runs]`. Rows are run-major, so
 * the gradient of the sum over runs is each run's own gradient.
 */
export function runLosses(
  model: T5,
  batch: Seq2SeqBatch,
  tuning: Tuning,
  runs: number,
  labelSmoothing = 0,
): tf.Tensor1D {
  return tf.tidy(() => {
    const of = pass(model, tuning);
    const hidden = decode(of, encode(of, batch.source), batch.target);
    const [rows, length, dModel] = hidden.shape;
    rowsPerRun('runLosses', rows, runs);
    const table = vocabularyTable(of);
    const labels = batch.target.ids.flatten() as tf.Tensor1D;
    const perToken = tokenCrossEntropy(
      hidden.reshape([rows * length, dModel]),
      table.value,
      labels,
      labelSmoothing,
      table.trained,
    );
    const mask = batch.target.mask.reshape([runs, -1]);
    return tf.div(tf.sum(tf.mul(perToken.reshape([runs, -1]), mask), 1), tf.sum(mask, 1)) as tf.Tensor1D;
  });
}
