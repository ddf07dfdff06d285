import { others, range, type Statistic } from './measure';
import type { Space } from './space';

/** Scalar products of some rows after their mean is taken away: `[rows, rows]`. */
export function centredGram({ n, gram }: Space, rows: Int32Array): Float64Array {
  const products = gram();
  const size = rows.length;
  const block = new Float64Array(size * size);
  const means = new Float64Array(size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const value = products[(rows[i] as number) * n + (rows[j] as number)] as number;
      block[i * size + j] = value;
      means[i] = (means[i] as number) + value / size;
    }
  const mean = means.reduce((sum, value) => sum + value / size, 0);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      block[i * size + j] =
        (block[i * size + j] as number) - (means[i] as number) - (means[j] as number) + mean;
  return block;
}

/** Whether some vectors are equal but for rounding: what is left after centring against what there was. */
export function isConstant({ n, gram }: Space, block: Float64Array, rows: Int32Array): boolean {
  const products = gram();
  let [left, whole] = [0, 0];
  rows.forEach((row, i) => {
    left += block[i * rows.length + i] as number;
    whole += products[row * n + row] as number;
  });
  return left <= 1e-14 * whole;
}

/** A statistic of the prompt alone, from its rows; the inputs matter only as what might have been the prompt. */
export function ownStatistic({ n, prompt }: Space, of: (rows: Int32Array) => number): Statistic {
  const own = range(0, prompt);
  const value = of(own);
  return {
    value,
    without: (unit) =>
      (unit[0] as number) < prompt ? of(others(n, unit).subarray(0, prompt - unit.length)) : value,
    relabelled: of,
  };
}
