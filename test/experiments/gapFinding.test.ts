import { describe, expect, it } from 'vitest';
import type { GapMeasure } from '../../src/analysis/embeddingGap';
import { causeFindings, gapFinding } from '../../src/experiments/gapFinding';
import { gapRecord, interventionRecord } from '../figures/gapNumbers';

/** Runs with a gap of 10, 11, 12 before and these after. */
function pairs(measure: GapMeasure, after: readonly number[]): ReturnType<typeof gapRecord>[] {
  return after.flatMap((value, i) => [
    gapRecord('prompt', i + 1, 11 + i, { measure }),
    gapRecord('scaled', i + 1, 1 + value, { measure }),
  ]);
}

describe('gapFinding', () => {
  it('is decided run by run, by the interval of the differences of distances from the floor', () => {
    const finding = gapFinding(
      [
        ...pairs('centroidGap', [4, 5.1, 5.9]),
        ...pairs('normRatio', [5, 6, 6.9]),
        ...pairs('hubness', [9, 14, 12]),
      ],
      'prompt',
      'scaled',
    );
    const [gap, , hubness] = finding.changes;
    expect(gap).toMatchObject({ measure: 'centroidGap', verdict: 'narrower' });
    expect(gap?.change.mean).toBeCloseTo(-6, 12);
    // t(0.975, 2) = 4.302653; the differences -6, -5.9, -6.1 have a standard deviation of 0.1.
    expect(gap?.change.interval?.[0]).toBeCloseTo(-6 - (4.302653 * 0.1) / Math.sqrt(3), 5);
    expect(gap?.ratio).toBeCloseTo(15 / 33, 12);
    expect(hubness?.verdict).toBe('undecided');
    expect(finding.verdict).toBe('narrower');
    expect(finding.text).toBe(
      'The gap of SPT’s s ⊙ P against that of SPT’s P, 3 runs, 3 measures: narrower. ' +
        'It is narrower by 2 (centroidGap and normRatio); undecided by 1 (hubness).',
    );
  });

  it('counts a value below the floor as a gap', () => {
    // Distances from the floor of 1: 2 before, 3 after.
    const records = [1, 2].flatMap((seed) => [gapRecord('prompt', seed, 3), gapRecord('scaled', seed, -2)]);
    const [change] = gapFinding(records, 'prompt', 'scaled').changes;
    expect(change).toMatchObject({ verdict: 'wider', change: { mean: 1, interval: [1, 1] } });
  });

  it.each([
    ['wider', [pairs('centroidGap', [14, 15.1, 15.9])]],
    ['mixed', [pairs('centroidGap', [4, 5.1, 5.9]), pairs('normRatio', [14, 15.1, 15.9])]],
    ['undecided', [pairs('centroidGap', [9, 14, 12])]],
    // One of two is not more than half.
    ['undecided', [pairs('centroidGap', [4, 5.1, 5.9]), pairs('normRatio', [9, 14, 12])]],
  ] as const)('over all measures: %s', (verdict, records) => {
    expect(gapFinding(records.flat(), 'prompt', 'scaled').verdict).toBe(verdict);
  });

  it('decides nothing from one run, from undefined measures or without a floor', () => {
    const one = gapFinding(pairs('centroidGap', [4]), 'prompt', 'scaled');
    expect(one.changes[0]).toMatchObject({ verdict: 'undecided', change: { n: 1, interval: null } });
    const undefinedOnes = [
      gapRecord('prompt', 1, null),
      gapRecord('scaled', 1, 2),
      gapRecord('prompt', 2, 3, { floor: null }),
      gapRecord('scaled', 2, 3),
    ];
    expect(gapFinding(undefinedOnes, 'prompt', 'scaled')).toMatchObject({
      changes: [],
      verdict: 'undecided',
      text: 'SPT’s s ⊙ P against SPT’s P: no pair of runs to compare.',
    });
  });

  it('pairs runs of the same data set and seed only', () => {
    const records = [gapRecord('promptTuning', 1, 5), gapRecord('scaled', 1, 3, { task: 'mini-webnlg' })];
    expect(gapFinding(records, 'promptTuning', 'scaled').changes).toEqual([]);
  });
});

describe('causeFindings', () => {
  const runs = [1, 2, 3];
  const unchanged = runs.map((seed) => interventionRecord('none', 0, [10, 40 + seed, 1], seed));

  it('takes the degree with the smallest gap, whatever its BLEU, and judges BLEU over runs', () => {
    const records = [
      ...unchanged,
      ...runs.map((seed) => interventionRecord('multiply', 0.5, [5, 30 + 1.1 * seed, 2], seed)),
      ...runs.map((seed) => interventionRecord('multiply', 0.9, [9, 50 + seed, 1], seed)),
    ];
    const [finding] = causeFindings(records, 'centroidGap');
    expect(finding).toMatchObject({ intervention: 'multiply', strength: 0.5, verdict: 'hurts' });
    expect(finding?.bleu?.mean).toBeCloseTo(-9.8, 12);
    expect(finding?.gap?.mean).toBe(-5);
    expect(finding?.text).toMatch(
      /^multiply, degree 0.5: the gap \(centroidGap\) changes by −5\.000 \(95 % −5\.000 to −5\.000, 3 runs\), BLEU by −9\.8 \(95 % −10\.0 to −9\.6, 3 runs\), loss by 1\.000 .*: narrowing hurts\.$/,
    );
  });

  it('says so of an intervention that narrows nothing, and of too few runs', () => {
    const wider = runs.map((seed) => interventionRecord('rotate', 0, [12, 1, 5], seed));
    const single = [interventionRecord('matchNorm', 0, [2, 60, 0.5])];
    const [rotate, match] = causeFindings([...unchanged, ...wider, ...single], 'centroidGap');
    expect(rotate).toMatchObject({ verdict: 'does not narrow', strength: null, bleu: null });
    expect(match).toMatchObject({ verdict: 'undecided', bleu: { n: 1, interval: null } });
    expect(match?.text).toContain('BLEU by 19.0 (1 run, no interval)');
  });

  it('leaves out runs whose gap is undefined', () => {
    const records = [...unchanged, interventionRecord('matchNorm', 0, [null, 60, 0.5])];
    expect(causeFindings(records, 'centroidGap')[0]).toMatchObject({ verdict: 'does not narrow', gap: null });
    expect(causeFindings(records, 'normRatio')[0]?.gap).toBeNull();
  });
});
