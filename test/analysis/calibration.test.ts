import { describe, expect, it } from 'vitest';
import {
  calibrationDraw,
  type CalibrationRow,
  calibrationRows,
  type Design,
} from '../../src/analysis/calibration';
import { calibrationTable } from '../../src/analysis/calibrationTable';
import { type GapMeasure, gapMeasures } from '../../src/analysis/embeddingGap';

/** The designs of `npm run calibrate`, made small. */
const small = { prompt: 12, inputs: 40, d: 8, permutations: 39 } as const;

function rowsOf(design: Omit<Design, 'name'>): CalibrationRow[] {
  const named = { ...design, name: 'smoke' };
  return calibrationRows(
    named,
    Array.from({ length: design.draws }, (_, i) => calibrationDraw(named, i)),
  );
}

describe('calibration, 200 draws', () => {
  it.each([['none'], ['inputs'], ['both']] as const)(
    'tests reject at their level, sentences: %s',
    (sentences) => {
      // Whole sentences are exchanged: a prompt of 2 sentences has too few relabellings, one of 6 has enough.
      const sizes = sentences === 'both' ? { ...small, prompt: 60, inputs: 120 } : small;
      const rows = rowsOf({ ...sizes, asks: 'rejection', draws: 200, sentences });
      expect(rows.length).toBe(13);
      // Of 200 draws at 5 %, more than 10 % or fewer than 1 % happen once in 500 tests or less.
      for (const { measure, share } of rows) {
        expect(share, measure).toBeLessThanOrEqual(0.1);
        expect(share, measure).toBeGreaterThanOrEqual(measure === 'knnPurity' ? 0 : 0.01);
      }
    },
  );

  it('intervals cover', () => {
    const rows = rowsOf({ ...small, prompt: 20, asks: 'coverage', draws: 200, sentences: 'inputs' });
    expect(rows.map(({ measure }) => measure)).toEqual(
      (Object.keys(gapMeasures) as GapMeasure[]).filter((name) => !('withoutInterval' in gapMeasures[name])),
    );
    for (const { measure, share } of rows) expect(share, measure).toBeGreaterThanOrEqual(0.88);
  });

  it('finds what each measure can see, and not what it cannot', () => {
    const power = (change: NonNullable<Design['change']>): Readonly<Record<string, number>> =>
      Object.fromEntries(
        rowsOf({ ...small, asks: 'power', draws: 60, sentences: 'none', change }).map((row) => [
          row.measure,
          row.share,
        ]),
      );
    const shift = power({ kind: 'shift', size: 4 });
    const scale = power({ kind: 'scale', size: 1 });
    for (const name of ['centroidGap', 'mmdSquared', 'energyDistance', 'slicedWasserstein', 'probeAuc'])
      expect(shift[name], name).toBeGreaterThan(0.8);
    for (const name of ['normRatio', 'mmdSquared', 'energyDistance', 'slicedWasserstein'])
      expect(scale[name], name).toBeGreaterThan(0.8);
    for (const name of ['cosineOfCentroids', 'centroidGapNormalised', 'nearestTokenCosine', 'anisotropy'])
      expect(scale[name], name).toBeLessThan(0.2);
    expect(shift['isoScore']).toBeLessThan(0.2);
  });

  it('says in its table what does not hold', () => {
    const row = (measure: GapMeasure, share: number, holds: boolean): CalibrationRow => ({
      asks: 'rejection',
      design: 'one distribution, sentences: none',
      measure,
      draws: 2000,
      share,
      holds,
    });
    const table = calibrationTable([row('centroidGap', 0.051, true), row('normRatio', 0.09, false)]);
    expect(table).toContain('| centroidGap | 5.1 % |\n| normRatio | 9.0 % **no** |\n| draws | 2000 |');
    expect(table).toContain('`probeAuc` has no interval: no unbiased estimate');
  });
});
