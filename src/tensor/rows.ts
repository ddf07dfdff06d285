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
