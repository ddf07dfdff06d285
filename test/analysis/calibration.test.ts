import { describe, expect, it } from 'vitest';
import {
  calibrationDraw,
  type CalibrationRow,
  calibrationRows,
  type Design,
  sight,
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
      expect(rows.length).toBe(11);
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
    const sizes = { shift: 8, scale: 3, rotation: 2.5 } as const;
    for (const kind of ['shift', 'scale', 'rotation'] as const) {
      const change = { kind, size: sizes[kind] };
      const own = { ...small, prompt: 20, d: 16, change };
      const rows = rowsOf({ ...own, asks: 'power', draws: 60, sentences: 'none' });
      expect(rows.length).toBe(11);
      const { blind, faint } = sight[kind];
      for (const { measure, share } of rows.filter((row) => !faint.includes(row.measure)))
        if (blind.includes(measure)) expect(share, `${kind}: ${measure}`).toBeLessThan(0.2);
        else expect(share, `${kind}: ${measure}`).toBeGreaterThan(0.3);
    }
  });

  it('holds what each measure promises, no more and no less', () => {
    const design = { ...small, name: 'a', draws: 100, sentences: 'none' } as const;
    /** `hits` of 100 draws hit. */
    const verdict = (
      own: Pick<Design, 'asks' | 'change'>,
      measure: GapMeasure,
      hits: number,
    ): boolean | null =>
      calibrationRows(
        { ...design, ...own },
        Array.from({ length: 100 }, (_, i) => {
          const hit = i < hits;
          // Of 100 values their mean is 0.01, which an interval of a hit holds.
          const interval = [i === 0 ? 1 : 0, hit ? -1 : 2, 3];
          return { [measure]: own.asks === 'coverage' ? interval : [hit ? 0.05 : 0.051] };
        }),
      )[0]?.holds ?? null;
    const rejection = { asks: 'rejection' } as const;
    expect([3, 4, 6, 7].map((hits) => verdict(rejection, 'centroidGap', hits))).toEqual([
      ...[false, true, true, false],
    ]);
    expect([0, 6, 7].map((hits) => verdict(rejection, 'knnPurity', hits))).toEqual([true, true, false]);
    expect([91, 92].map((hits) => verdict({ asks: 'coverage' }, 'centroidGap', hits))).toEqual([false, true]);
    const scaled = (size: number) => ({ asks: 'power', change: { kind: 'scale', size } }) as const;
    expect([10, 11].map((hits) => verdict(scaled(0.1), 'cosineOfCentroids', hits))).toEqual([true, false]);
    expect([79, 80].map((hits) => verdict(scaled(0.8), 'normRatio', hits))).toEqual([false, true]);
    expect(verdict(scaled(0.1), 'normRatio', 0)).toBeNull();
    expect(verdict(scaled(0.8), 'knnPurity', 0)).toBeNull();
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
