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

function gatherRows(x: tf.Tensor, rows: readonly number[]): tf.Tensor {
  return tf.gather<tf.Tensor>(x, tf.tensor1d([...rows], 'int32'));
}

/** Sets rows `[rows.length, d]` at those places of `[n, d]`, zeros elsewhere. */
function setRows(x: tf.Tensor, rows: readonly number[], n: number): tf.Tensor {
  const placeOf = new Array<number>(n).fill(rows.length);
  rows.forEach((row, place) => (placeOf[row] = place));
  return gatherRows(tf.concat([x, tf.zeros([1, x.shape[1] ?? 1])], 0), placeOf);
}

/** Rows of x `[n, d]`, each at most once -> `[rows.length, d]`. Its gradient is `spreadRows`, so it runs on every backend. */
export function pickRows(x: tf.Tensor2D, rows: readonly number[]): tf.Tensor2D {
  return tf.customGrad((t) => ({
    value: tf.tidy(() => gatherRows(t as tf.Tensor, rows)),
    gradFunc: (dy) => tf.tidy(() => setRows(dy, rows, x.shape[0])),
  }))(x) as tf.Tensor2D;
}

/** The way back: x `[rows.length, d]` -> `[n, d]`, zeros in the rows that were left. Its gradient is `pickRows`. */
export function spreadRows(x: tf.Tensor2D, rows: readonly number[], n: number): tf.Tensor2D {
  return tf.customGrad((t) => ({
    value: tf.tidy(() => setRows(t as tf.Tensor, rows, n)),
    gradFunc: (dy) => tf.tidy(() => gatherRows(dy, rows)),
  }))(x) as tf.Tensor2D;
}
