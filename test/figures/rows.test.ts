import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors';
import { gapRows } from '../../src/figures/gapRows';
import { methodScores } from '../../src/figures/methodScores';
import { scoreRows } from '../../src/figures/scoreRows';

const bleu = (
  score: number,
): { bleu: { score: number; signature: string; interval: [number, number]; n: number } } => ({
  bleu: { score, signature: 'nrefs:1', interval: [score - 2, score + 3], n: 10 },
});

describe('methodScores and scoreRows', () => {
  it('give one row a run, the frozen model without a seed', () => {
    const methods = [
      methodScores('frozen', 'bleu', [bleu(5)]),
      methodScores(
        'scaled-prompt-tuning',
        'bleu',
        [bleu(40), { bleu: { ...bleu(42).bleu, interval: null } }],
        [3, 9],
      ),
    ];
    expect(methods[0]?.runs).toEqual([{ score: 5, interval: [3, 8] }]);
    expect(scoreRows(methods)).toEqual([
      { method: 'Frozen', seed: '–', score: 5, low: 3, high: 8 },
      { method: 'SPT', seed: '3', score: 40, low: 38, high: 43 },
      { method: 'SPT', seed: '9', score: 42, low: NaN, high: NaN },
    ]);
  });

  it('refuse a metric that was not scored, and seeds that do not fit', () => {
    expect(() => methodScores('prompt-tuning', 'chrf', [bleu(1)])).toThrow(
      'methodScores: prompt-tuning: no chrf among bleu',
    );
    expect(() => methodScores('prompt-tuning', 'bleu', [bleu(1)], [1, 2])).toThrow(ConfigError);
  });
});

describe('gapRows', () => {
  it('gives one row a set, undefined measures as NaN', () => {
    const inputs = [Float32Array.of(2, 0), Float32Array.of(4, 0)];
    const rows = gapRows(
      [
        { method: 'prompt-tuning', part: 'prompt', seed: 1, vectors: [Float32Array.of(0, 4)] },
        { method: 'scaled-prompt-tuning', part: 'scaled', seed: 2, vectors: [Float32Array.of(0, 0)] },
      ],
      inputs,
    );
    expect(rows[0]).toEqual({
      vectors: 'P of PT',
      seed: 1,
      centroidGap: 5,
      centroidGapNormalised: Math.SQRT2,
      cosineOfCentroids: 0,
      normRatio: 4 / 3,
    });
    expect(rows[1]).toMatchObject({ vectors: 's ⊙ P of SPT', seed: 2, centroidGap: 3, normRatio: 0 });
    expect(rows[1]?.cosineOfCentroids).toBeNaN();
  });
});
