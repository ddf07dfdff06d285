import { others, range, type Statistic } from './measure';
import type { Space } from './space';

/** The sum of some rows of a matrix `[n, d]`. */
function sumOf(matrix: Float64Array, d: number, rows: Int32Array): Float64Array {
  const sum = new Float64Array(d);
  for (const row of rows)
    for (let k = 0; k < d; k++) sum[k] = (sum[k] as number) + (matrix[row * d + k] as number);
  return sum;
}

const minus = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((value, k) => value - (b[k] as number));

/**
 * A statistic of the two sets' mean vectors, from sums over rows, so that a unit left out or a relabelling costs no more
 * than the rows that change sides.
 *
 * @param of what is measured of the means and the sets' sizes.
 */
export function centroidStatistic(
  { n, d, prompt }: Space,
  matrix: Float64Array,
  of: (prompt: Float64Array, inputs: Float64Array, sizes: readonly [number, number]) => number,
): Statistic {
  const at = (p: Float64Array, x: Float64Array, size: number, left: number): number =>
    of(
      p.map((value) => value / size),
      x.map((value) => value / left),
      [size, left],
    );
  const promptSum = sumOf(matrix, d, range(0, prompt));
  const inputSum = sumOf(matrix, d, range(prompt, n));
  const total = promptSum.map((value, k) => value + (inputSum[k] as number));
  return {
    value: at(promptSum, inputSum, prompt, n - prompt),
    without: (unit) => {
      const sum = sumOf(matrix, d, unit);
      return (unit[0] as number) < prompt
        ? at(minus(promptSum, sum), inputSum, prompt - unit.length, n - prompt)
        : at(promptSum, minus(inputSum, sum), prompt, n - prompt - unit.length);
    },
    relabelled: (rows) => {
      // The smaller set is summed, whichever it is.
      const few = rows.length * 2 <= n;
      const sum = sumOf(matrix, d, few ? rows : others(n, rows));
      const rest = minus(total, sum);
      return few ? at(sum, rest, rows.length, n - rows.length) : at(rest, sum, rows.length, n - rows.length);
    },
  };
}
