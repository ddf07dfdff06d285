import { jStat } from 'jstat';

/** The 97.5 % quantile of Student's t. */
export function studentQuantile(degrees: number): number {
  return jStat.studentt.inv(0.975, degrees);
}

/**
 * A 95 % interval for the expectation of a statistic at these sizes, from its values without each block of rows: value
 * +- t x root of V, V = sum over blocks of (value without - their mean)^2, added up over the two sets. On average V is not
 * below the variance of a statistic of so many blocks less one, whatever its form; no row is doubled, and no bias shifts the
 * interval, for which a bootstrap of distances would have to be mended. t has the degrees of freedom of Satterthwaite over
 * the two sets. Null where a set has fewer than 3 blocks.
 * Reference: Efron and Stein 1981, "The Jackknife Estimate of Variance" (Annals of Statistics 9), theorem 2.
 */
export function jackknifeInterval(
  value: number,
  without: readonly [prompt: readonly number[], inputs: readonly number[]],
  [least, greatest]: readonly [number, number],
): readonly [number, number] | null {
  if (without.some((values) => values.length < 3)) return null;
  const variances = without.map((values) => {
    const mean = values.reduce((sum, left) => sum + left, 0) / values.length;
    return values.reduce((sum, left) => sum + (left - mean) ** 2, 0);
  });
  const variance = variances.reduce((sum, part) => sum + part, 0);
  if (!Number.isFinite(variance)) return null;
  if (variance === 0) return [value, value];
  const divisor = variances.reduce((sum, part, i) => sum + part ** 2 / ((without[i]?.length ?? 0) - 1), 0);
  const half = studentQuantile(variance ** 2 / divisor) * Math.sqrt(variance);
  return [Math.max(least, value - half), Math.min(greatest, value + half)];
}
