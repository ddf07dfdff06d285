import { jStat } from 'jstat';

/** A 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** What several runs say of a number: `deviation` and `interval` are null where there are fewer than two of them. */
export type Estimate = {
  readonly mean: number;
  /** Standard deviation over the runs, with n - 1. */
  readonly deviation: number | null;
  readonly interval: Interval | null;
  readonly n: number;
};

/** Mean of independent runs with its 95 % interval by Student's t: mean +- t(0.975, n - 1) s / sqrt(n). */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, deviation: null, interval: null, n };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = (jStat.studentt.inv(0.975, n - 1) * deviation) / Math.sqrt(n);
  return { mean, deviation, interval: [mean - half, mean + half], n };
}

/**
 * Wilson's 95 % interval of a share that was counted on n items, which stays within 0 and 1 and has a width even where
 * all or none were right. Reference: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
 */
export function shareInterval(share: number, n: number): Interval {
  const z = 1.959964;
  const centre = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
