import { describe, expect, it } from 'vitest';
import type { GapMeasure } from '../../src/analysis/embeddingGap';
import { causeFindings, companyFindings, gapFinding } from '../../src/experiments/gapFinding';
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

  it('counts only the side of the floor that speaks against equal sets, both where both do', () => {
    // The floor is 1. A distance below it is no gap; a cosine is one below it; a norm ratio on either side.
    const change = (measure: GapMeasure, after: number): unknown =>
      gapFinding(
        [1, 2].flatMap((seed) => [
          gapRecord('prompt', seed, 1, { measure }),
          gapRecord('scaled', seed, after, { measure }),
        ]),
        'prompt',
        'scaled',
      ).changes[0]?.change.mean;
    expect([change('centroidGap', -2), change('centroidGap', 3)]).toEqual([0, 2]);
    expect([change('cosineOfCentroids', 0.5), change('cosineOfCentroids', 3)]).toEqual([0.5, 0]);
    expect([change('normRatio', -2), change('normRatio', 3)]).toEqual([3, 2]);
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
    expect(rotate?.text).toContain('at degree 0 it changes by 2.000 (95 % 2.000 to 2.000, 3 runs).');
    const byChance = runs.map((seed) =>
      interventionRecord('rotate', 0, [[8, 10.5, 10.5][seed - 1] ?? 0, 1, 5], seed),
    );
    expect(causeFindings([...unchanged, ...byChance], 'centroidGap')[0]).toMatchObject({
      verdict: 'does not narrow',
      gap: { n: 3 },
    });
    expect(match).toMatchObject({ verdict: 'undecided', bleu: { n: 1, interval: null } });
    expect(match?.text).toContain('BLEU by 19.0 (1 run, no interval)');
  });

  it('averages the draws of one run, which are not runs of their own', () => {
    const draws = runs.flatMap((seed) =>
      [20, 30].map((bleu) => interventionRecord('shuffleScales', 0, [8, bleu + seed, 2], seed)),
    );
    expect(causeFindings([...unchanged, ...draws], 'centroidGap')[0]?.bleu).toMatchObject({
      n: 3,
      mean: -15,
    });
  });

  it('leaves out runs whose gap is undefined', () => {
    const records = [...unchanged, interventionRecord('matchNorm', 0, [null, 60, 0.5])];
    expect(causeFindings(records, 'centroidGap')[0]).toMatchObject({ verdict: 'does not narrow', gap: null });
    expect(causeFindings(records, 'normRatio')[0]?.gap).toBeNull();
  });
});

describe('companyFindings', () => {
  it('correlates gap and BLEU across runs as they are, and with the norm held', () => {
    // [gap, BLEU, norm]; the correlations are numpy's, the partial one by the formula of three correlations.
    const rows = [
      [1, 10, 1],
      [2, 9, 3],
      [3, 7, 3],
      [4, 8, 4],
      [5, 4, 6],
    ] as const;
    const records = rows.map(([gap, bleu, norm], i) => {
      const record = interventionRecord('none', 0, [gap, bleu, 1], i);
      return { ...record, gaps: { ...record.gaps, normRatio: { value: norm, excess: norm } } };
    });
    const [finding] = companyFindings(
      [...records, interventionRecord('multiply', 2, [9, 9, 9])],
      'centroidGap',
    );
    expect(finding?.plain).toMatchObject({ n: 5 });
    expect(finding?.plain.value).toBeCloseTo(-0.89284367, 6);
    expect(finding?.givenNorm.value).toBeCloseTo(-0.18990938, 6);
    expect(finding?.text).toMatch(
      /^mini-e2e: across runs, the gap \(centroidGap\) and BLEU correlate by −0\.\d\d \(95 % −.* to .*, p = .*, 5 runs\); with the norm ratio held, by /,
    );
  });

  it('says where there are too few runs', () => {
    const [finding] = companyFindings([interventionRecord('none', 0, [1, 2, 3])], 'centroidGap');
    expect(finding?.text).toContain('correlate by undefined (0 runs)');
  });
});
