import { random } from '../tensor/random';
import { jStat } from 'jstat';

/** A correlation across runs, its interval, and how many runs it speaks of. */
export type Correlation = {
  /** -1 to 1; null where a variable does not vary or there are too few runs. */
  readonly value: number | null;
  /** 95 %, Fisher's z; null for fewer runs than it needs. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided, over relabellings of the runs. */
  readonly pValue: number | null;
  readonly n: number;
};

function pearson(x: readonly number[], y: readonly number[]): number | null {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  x.forEach((value, i) => {
    const [a, b] = [value - mx, (y[i] as number) - my];
    xy += a * b;
    xx += a * a;
    yy += b * b;
  });
  return xx === 0 || yy === 0 ? null : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** What a straight line through a third variable leaves of each value. */
function residuals(y: readonly number[], given: readonly number[]): number[] {
  const n = y.length;
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / n;
  const [my, mg] = [mean(y), mean(given)];
  const gg = given.reduce((sum, g) => sum + (g - mg) ** 2, 0);
  const slope = gg === 0 ? 0 : given.reduce((sum, g, i) => sum + (g - mg) * ((y[i] as number) - my), 0) / gg;
  return y.map((value, i) => value - my - slope * ((given[i] as number) - mg));
}

/**
 * Pearson's correlation of two numbers across runs (a gap and a score), or the partial one with a third (the norm) held:
 * the correlation of what is left after a line through it. Runs are the unit, whatever stands behind a run's number.
 * Reference: Fisher 1921, "On the probable error of a coefficient of correlation"; 1924 for the partial one.
 */
export function correlation(
  x: readonly number[],
  y: readonly number[],
  {
    given,
    permutations = 9999,
    seed = 0,
  }: { given?: readonly number[]; permutations?: number; seed?: number } = {},
): Correlation {
  const n = x.length;
  const held = given === undefined ? 0 : 1;
  const [a, b] = given === undefined ? [x, y] : [residuals(x, given), residuals(y, given)];
  const value = n < 3 + held ? null : pearson(a, b);
  if (value === null) return { value, interval: null, pValue: null, n };
  const error = n - 3 - held > 0 ? 1 / Math.sqrt(n - 3 - held) : null;
  const reach = jStat.normal.inv(0.975, 0, 1);
  const interval =
    error === null || Math.abs(value) === 1
      ? null
      : ([-reach, reach].map((step) => Math.tanh(Math.atanh(value) + step * error)) as [number, number]);
  const rng = random(seed).fork('correlation');
  let asGreat = 1;
  for (let i = 0; i < permutations; i++)
    if (Math.abs(pearson(a, rng.shuffle(b)) as number) >= Math.abs(value) - 1e-12) asGreat++;
  return { value, interval, pValue: asGreat / (permutations + 1), n };
}
