import { tf } from '../tensor/backend';
import { tokenCrossEntropy } from '../tensor/fused';
import { pickRows, rowsPerRun, spreadRows } from '../tensor/rows';
import type { Seq2SeqBatch } from '../model/batch';
import type { Tuning } from '../model/sites';
import { decode, encode, pass, vocabularyTable, type T5 } from '../model/t5';

/** Where a batch's target tokens stand among its padded ones, row after row. */
function targetPlaces(lengths: readonly number[], length: number): readonly number[] {
  return lengths.flatMap((own, row) => Array.from({ length: own }, (_, i) => row * length + i));
}

/**
 * Each run's own loss: the mean cross-entropy of its target tokens (padding is not computed), `[runs]`. Rows are run-major,
 * so the gradient of the sum over runs is each run's own gradient.
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
    const places = targetPlaces(batch.target.lengths, length);
    const table = vocabularyTable(of);
    const labels = tf.gather<tf.Tensor>(
      batch.target.ids.flatten(),
      tf.tensor1d([...places], 'int32'),
    ) as tf.Tensor1D;
    const perToken = tokenCrossEntropy(
      pickRows(hidden.reshape([rows * length, dModel]), places),
      table.value,
      labels,
      labelSmoothing,
      table.trained,
    );
    // Each run sums its own tokens: what is no number in one must not reach another.
    const padded = spreadRows(perToken.expandDims(1), places, rows * length).reshape([runs, -1]);
    const counts = tf.sum(batch.target.mask.reshape([runs, -1]), 1);
    return tf.div(tf.sum(padded, 1), counts) as tf.Tensor1D;
  });
}
