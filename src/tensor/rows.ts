import { tf } from './backend';
import { ShapeError } from '../errors';

/** How many rows each run has. Throws ShapeError unless the runs share the rows out evenly. */
export function rowsPerRun(where: string, rows: number, runs: number): number {
  if (rows % runs !== 0)
    throw new ShapeError(`${where}: rows must be a multiple of runs; rows ${rows}, runs ${runs}`);
  return rows / runs;
}

/** Repeats each run's slice for the run's rows: `[runs, ...]` -> `[rows, ...]`, run-major. */
export function repeatRuns<T extends tf.Tensor>(perRun: T, rows: number): T {
  const [runs = 1, ...rest] = perRun.shape;
  const batch = rowsPerRun('repeatRuns', rows, runs);
  if (batch === 1) return perRun.clone();
  // Adding zeros broadcasts, and its gradient is one sum over the batch (that of tile is a loop).
  return tf.tidy(() =>
    tf
      .add(perRun.reshape([runs, 1, ...rest]), tf.zeros([1, batch, ...rest.map(() => 1)]))
      .reshape([rows, ...rest]),
  );
}

/**
 * Rows of x `[n, d]`, each at most once -> `[rows.length, d]`. Its gradient is a gather as well, with zeros for the rows that
 * were left, so it runs on every backend.
 */
export function pickRows(x: tf.Tensor2D, rows: readonly number[]): tf.Tensor2D {
  const [n, d] = x.shape;
  const placeOf = new Int32Array(n).fill(rows.length);
  rows.forEach((row, place) => (placeOf[row] = place));
  const gather = (from: tf.Tensor, places: tf.TensorLike): tf.Tensor =>
    tf.tidy(() => tf.gather<tf.Tensor>(from, tf.tensor1d(places as number[], 'int32')));
  return tf.customGrad((t) => ({
    value: gather(t as tf.Tensor, [...rows]),
    gradFunc: (dy) => tf.tidy(() => gather(tf.concat([dy, tf.zeros([1, d])], 0), placeOf)),
  }))(x) as tf.Tensor2D;
}
