import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors';
import { metricNamed } from '../../src/metrics';
import { bleu, sentenceBleu } from '../../src/metrics/bleu';

describe('bleu', () => {
  test('by hand: clipped counts over references, closest length', () => {
    const result = bleu(['the the cat'], [['the cat sat', 'a the the']]);
    // Unigrams: the 2 (of 2, clipped at 2), cat 1; bigrams: "the the" 1, "the cat" 1; trigram none.
    expect(result.precisions[0]).toBe(100);
    expect(result.precisions[1]).toBe(100);
    expect(result.precisions[2]).toBe(50);
    expect([result.hypothesisLength, result.referenceLength, result.brevityPenalty]).toEqual([3, 3, 1]);
    expect(result.score).toBe(0);
    expect(sentenceBleu('the the cat', [['the cat sat'], ['a the the']].flat()).score).toBeCloseTo(
      100 * Math.cbrt(0.5),
      10,
    );
  });

  test('the brevity penalty takes the shorter of two lengths as close', () => {
    const result = bleu(['a b c d'], [['a b c d e f', 'a b']]);
    expect(result.referenceLength).toBe(2);
    expect(bleu(['a b c d'], [['a b c d e f']]).brevityPenalty).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
  });

  test('a missing reference is left out, an empty one has length 0', () => {
    expect(bleu(['a b c d e'], [['a b c d e f', null]]).referenceLength).toBe(6);
    expect(bleu(['a'], [['a b c d e f', '']]).referenceLength).toBe(0);
    expect(
      bleu(
        ['a', 'b'],
        [
          ['a', null],
          ['b', 'c'],
        ],
      ).signature,
    ).toContain('nrefs:var');
  });

  test('an empty hypothesis scores 0 alone and lowers a corpus', () => {
    expect(bleu([''], [['a b c d']])).toMatchObject({ score: 0, brevityPenalty: 0, hypothesisLength: 0 });
    const whole = bleu(['a b c d'], [['a b c d']]).score;
    expect(whole).toBeCloseTo(100, 10);
    expect(bleu(['a b c d', ''], [['a b c d'], ['e']]).score).toBeCloseTo(100 * Math.exp(1 - 5 / 4), 10);
  });

  test('case counts unless it is lowered', () => {
    expect(bleu(['A B C D'], [['a b c d']]).score).toBe(0);
    expect(bleu(['A B C D'], [['a b c d']], { lowercase: true }).score).toBeCloseTo(100, 10);
    expect(metricNamed('bleu-lower').signature([['a', 'b', 'c']])).toBe(
      'nrefs:3|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0',
    );
  });

  test('counts that differ, and items without a reference, are refused', () => {
    expect(() => bleu(['a', 'b'], [['a']])).toThrow(
      new DataError('bleu: hypotheses and references must be as many; found 2 and 1'),
    );
    expect(() => bleu(['a', 'b'], [['a'], [null]])).toThrow('hypothesis 2 has no reference');
    expect(() => bleu([], [])).toThrow('no hypothesis');
    expect(() => metricNamed('blue')).toThrow(/^metrics: must be of bleu, .*found blue$/);
  });
});
