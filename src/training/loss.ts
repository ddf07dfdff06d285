import { tf } from '../tensor/backend';
import { tokenCrossEntropy } from '../tensor/fused';
import { pickRows, rowsPerRun } from '../tensor/rows';
import type { Seq2SeqBatch } from '../model/batch';
import type { Tuning } from '../model/sites';
import { decode, encode, pass, vocabularyTable, type T5 } from '../model/t5';

/** Where a batch's target tokens stand among its padded ones, run by run, padding left out. */
function targetTokens(lengths: readonly number[], length: number, runs: number): readonly number[][] {
  const ownRows = rowsPerRun('runLosses', lengths.length, runs);
  return Array.from({ length: runs }, (_, run) =>
    lengths.slice(run * ownRows, (run + 1) * ownRows).flatMap((own, i) => {
      const row = run * ownRows + i;
      return Array.from({ length: own }, (__, place) => row * length + place);
    }),
  );
}

/**
 * The mean over each run's share of values `[tokens]`, run after run: `[runs]`; 0 for a run without any. Nothing of a run
 * touches another's mean or gradient, not even where it is no number.
 */
function runMeans(values: tf.Tensor1D, counts: readonly number[]): tf.Tensor1D {
  const longest = Math.max(...counts);
  const runOf = counts.flatMap((count, run) => Array.from({ length: count }, () => run));
  let next = 0;
  const places = counts.flatMap((count) =>
    Array.from({ length: longest }, (_, i) => (i < count ? next++ : runOf.length)),
  );
  const shares = (): tf.Tensor1D => tf.tensor1d(counts.map((count) => (count === 0 ? 0 : 1 / count)));
  const gather = (from: tf.Tensor, at: readonly number[]): tf.Tensor =>
    tf.gather<tf.Tensor>(from, tf.tensor1d([...at], 'int32'));
  return tf.customGrad((t) => ({
    value: tf.tidy(() => {
      const padded = gather(tf.concat([t as tf.Tensor, tf.zeros([1])]), places);
      return tf.mul(tf.sum(padded.reshape([counts.length, longest]), 1), shares());
    }),
    gradFunc: (dy) => tf.tidy(() => gather(tf.mul(dy, shares()), runOf)),
  }))(values) as tf.Tensor1D;
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
    const byRun = targetTokens(batch.target.lengths, length, runs);
    const places = byRun.flat();
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
    return runMeans(
      perToken,
      byRun.map((own) => own.length),
    );
  });
}
