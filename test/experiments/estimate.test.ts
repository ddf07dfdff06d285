import { describe, expect, it } from 'vitest';
import { estimate, shareInterval } from '../../src/experiments/estimate';

describe('estimate', () => {
  // Made with scipy 1.17.1: stats.t.interval(0.95, n - 1, mean, std(ddof=1) / sqrt(n)).
  it.each([
    [[57.3, 60.1, 55.2], 57.53333333333334, 2.458319208998972, [51.42652987873875, 63.64013678792793]],
    [[1.5, 2.25, 4, 8.5, -3], 2.65, 4.1668333300001335, [-2.52380693237667, 7.8238069323766695]],
  ])('of %j is mean, deviation and t-interval', (values, mean, deviation, interval) => {
    const found = estimate(values);
    expect(found.mean).toBeCloseTo(mean, 9);
    expect(found.deviation).toBeCloseTo(deviation, 9);
    interval.forEach((bound, i) => expect(found.interval?.[i]).toBeCloseTo(bound, 7));
    expect(found.n).toBe(values.length);
  });

  it('of one run has no spread', () => {
    expect(estimate([4])).toEqual({ mean: 4, deviation: null, interval: null, n: 1 });
  });
});

describe('shareInterval', () => {
  // Made with scipy 1.17.1: stats.binomtest(k, n).proportion_ci(0.95, method='wilson').
  it.each([
    [185, 200, [0.8799563897637054, 0.9540250828156179]],
    [0, 100, [0, 0.03699349820698568]],
    [100, 100, [0.9630065017930143, 1]],
  ])('of %i right of %i is Wilson’s', (hits, n, interval) => {
    shareInterval(hits / n, n).forEach((bound, i) => expect(bound).toBeCloseTo(interval[i] ?? NaN, 6));
  });
});
