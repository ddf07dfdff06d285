import { expect, test } from 'vitest';
import { metricNamed } from '../../src/metrics';
import { sentenceBleu } from '../../src/metrics/bleu';
import { corpusScore } from '../../src/metrics/corpusScore';
import { random } from '../../src/tensor/random';

test('distinct-n: different n-grams over all of them, without an interval', () => {
  const result = corpusScore(metricNamed('distinct-1'), ['a b a', 'A c'], [['x'], ['x']]);
  expect(result.score).toBeCloseTo(3 / 5, 12);
  expect(result.interval).toBeNull();
  expect(corpusScore(metricNamed('distinct-2'), ['a b a b', 'a b'], [['x'], ['x']]).score).toBeCloseTo(
    2 / 4,
    12,
  );
});

test("self-BLEU is each text's sentence BLEU against the others, averaged", () => {
  const rng = random(4);
  const text = (): string =>
    Array.from({ length: 1 + rng.integer(9) }, () => rng.choice(['a', 'b', 'c', 'the', 'x,'])).join(' ');
  const texts = [...Array.from({ length: 30 }, text), 'the same text twice', 'the same text twice'];
  const expected = texts.map(
    (own, i) =>
      sentenceBleu(
        own,
        texts.filter((_, k) => k !== i),
      ).score,
  );
  const mean = expected.reduce((sum, value) => sum + value, 0) / texts.length;
  expect(
    corpusScore(
      metricNamed('self-bleu'),
      texts,
      texts.map(() => ['x']),
    ).score,
  ).toBeCloseTo(mean, 9);
});
