import { expect, test } from 'vitest';
import { metricNamed } from '../../src/metrics';
import { bootstrapInterval } from '../../src/metrics/bootstrapInterval';
import { corpusScore } from '../../src/metrics/corpusScore';
import { random } from '../../src/tensor/random';

const mean = ([sum = 0, n = 1]: readonly number[]): number => sum / n;

test('the interval of a mean is that of theory: 1.96 standard errors each side', () => {
  const rng = random(2);
  const values = Array.from({ length: 400 }, () => rng.normal());
  const average = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length);
  const [low, high] = bootstrapInterval(
    values.map((v) => [v, 1]),
    mean,
    { draws: 4000 },
  ) ?? [0, 0];
  const half = (1.96 * deviation) / Math.sqrt(values.length);
  expect(Math.abs(low - (average - half))).toBeLessThan(0.1 * half);
  expect(Math.abs(high - (average + half))).toBeLessThan(0.1 * half);
});

test('it holds the truth about as often as it says', () => {
  const held = Array.from({ length: 300 }, (_, trial) => {
    const rng = random(trial).fork('coverage');
    const items = Array.from({ length: 60 }, () => [rng.uniform(), 1]);
    const [low, high] = bootstrapInterval(items, mean, { draws: 300, seed: trial }) ?? [0, 0];
    return low <= 0.5 && 0.5 <= high;
  }).filter(Boolean).length;
  // 95 % of 300: 285, standard deviation 3.8; the percentile interval of 60 items runs a little short.
  expect(held).toBeGreaterThan(267);
  expect(held).toBeLessThan(298);
});

test('the same seed gives the same interval, one item none, equal items no width', () => {
  const items = [1, 2, 3, 4, 5, 6].map((v) => [Math.sqrt(v), 1]);
  expect(bootstrapInterval(items, mean, { seed: 1 })).toEqual(bootstrapInterval(items, mean, { seed: 1 }));
  expect(bootstrapInterval(items, mean, { seed: 1 })).not.toEqual(
    bootstrapInterval(items, mean, { seed: 2 }),
  );
  expect(bootstrapInterval([[1, 1]], mean)).toBeNull();
  expect(
    bootstrapInterval(
      [
        [3, 1],
        [3, 1],
      ],
      mean,
    ),
  ).toEqual([3, 3]);
});

test('1,000 draws of a corpus as large as the E2E test set are quick', () => {
  const rng = random(0);
  const text = (): string => Array.from({ length: 20 }, () => rng.choice(['a', 'b', 'c', 'd'])).join(' ');
  const hypotheses = Array.from({ length: 630 }, text);
  const references = hypotheses.map((hypothesis) => [text(), text(), hypothesis.slice(0, 30), text()]);
  const start = performance.now();
  const result = corpusScore(metricNamed('bleu'), hypotheses, references);
  expect(performance.now() - start).toBeLessThan(3000);
  const [low, high] = result.interval ?? [0, 0];
  expect(low).toBeLessThan(result.score);
  expect(high).toBeGreaterThan(result.score);
  expect(high - low).toBeLessThan(5);
  expect(result.n).toBe(630);
});
