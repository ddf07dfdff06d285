import { tf } from '../tensor/backend';
import { tokenCrossEntropy } from '../tensor/fused';
import { pickRows, rowsPerRun } from '../tensor/rows';
import type { Seq2SeqBatch } from '../model/batch';
import type { Tuning } from '../model/sites';
import { decode, encode, pass, vocabularyTable, type T5 } from '../model/t5';

/** The target tokens of a batch, padding left out: places among its padded ones, and each run's mean as `[runs, tokens]`. */
function targetTokens(
  lengths: readonly number[],
  length: number,
  runs: number,
): { readonly places: number[]; readonly mean: tf.Tensor2D } {
  const ownRows = rowsPerRun('runLosses', lengths.length, runs);
  const places = lengths.flatMap((own, row) => Array.from({ length: own }, (_, i) => row * length + i));
  const mean = new Float32Array(runs * places.length);
  let first = 0;
  for (let run = 0; run < runs; run++) {
    const own = lengths.slice(run * ownRows, (run + 1) * ownRows).reduce((sum, n) => sum + n, 0);
    mean.fill(1 / own, run * places.length + first, run * places.length + first + own);
    first += own;
  }
  return { places, mean: tf.tensor2d(mean, [runs, places.length]) };
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
    const { places, mean } = targetTokens(batch.target.lengths, length, runs);
    const table = vocabularyTable(of);
    const labels = tf.gather<tf.Tensor>(
      batch.target.ids.flatten(),
      tf.tensor1d(places, 'int32'),
    ) as tf.Tensor1D;
    const perToken = tokenCrossEntropy(
      pickRows(hidden.reshape([rows * length, dModel]), places),
      table.value,
      labels,
      labelSmoothing,
      table.trained,
    );
    return tf.matMul(mean, perToken.expandDims(1)).flatten() as tf.Tensor1D;
  });
}
