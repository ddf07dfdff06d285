import { quantile } from '../metrics/bootstrapInterval';

/** What a box shows of some numbers: 5, 25, 50, 75 and 95 % of them lie below. */
export type BoxStatistics = {
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
  readonly mean: number;
  readonly n: number;
};

/** The quantiles of a box, linear between neighbours, and the mean; NaN for no numbers. */
export function boxStatistics(values: ArrayLike<number>): BoxStatistics {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => quantile(sorted, share);
  return {
    p5: at(0.05),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    n: sorted.length,
  };
}
