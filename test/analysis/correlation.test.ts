import { describe, expect, it } from 'vitest';
import { correlation } from '../../src/analysis/correlation';

describe('correlation', () => {
  const gap = [1, 2, 3, 4, 5, 6, 7, 8];
  const score = [2, 1, 4, 3, 7, 5, 8, 6];

  it("equals scipy's, with Fisher's interval", () => {
    const { value, interval, pValue, n } = correlation(gap, score);
    // scipy.stats.pearsonr(gap, score): statistic 0.8333, confidence_interval (0.311698, 0.968989), pvalue 0.0102
    expect(value).toBeCloseTo(0.8333333333333334, 12);
    expect(interval?.[0]).toBeCloseTo(0.31169805718344, 6);
    expect(interval?.[1]).toBeCloseTo(0.968989208891987, 6);
    expect(pValue).toBeGreaterThan(0.005);
    expect(pValue).toBeLessThan(0.03);
    expect(n).toBe(8);
  });

  it('holds a third variable: what comes of it alone vanishes', () => {
    const norm = gap;
    const noise = [0.3, -0.1, -0.2, 0.1, 0.2, -0.3, 0.1, -0.1];
    const other = [-0.1, 0.2, 0.1, -0.3, 0.1, 0.2, -0.3, 0.1];
    const x = norm.map((value, i) => value + (noise[i] as number));
    const y = norm.map((value, i) => 2 * value + (other[i] as number));
    expect(correlation(x, y).value).toBeGreaterThan(0.98);
    const partial = correlation(x, y, { given: norm });
    expect(Math.abs(partial.value as number)).toBeLessThan(0.7);
    // (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2))
    const [xy, xz, yz] = [correlation(x, y), correlation(x, norm), correlation(y, norm)].map(
      ({ value }) => value as number,
    ) as [number, number, number];
    expect(partial.value).toBeCloseTo((xy - xz * yz) / Math.sqrt((1 - xz ** 2) * (1 - yz ** 2)), 9);
  });

  it('says nothing where nothing varies or runs are too few', () => {
    expect(correlation([1, 1, 1, 1], [1, 2, 3, 4])).toEqual({
      value: null,
      interval: null,
      pValue: null,
      n: 4,
    });
    expect(correlation([1, 2], [1, 2]).value).toBeNull();
    expect(correlation([1, 2, 3], [1, 3, 2]).interval).toBeNull();
  });
});
