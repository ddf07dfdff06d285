import { expect, test } from 'vitest';
import { pairedTest } from '../../src/metrics/pairedTests';
import { random } from '../../src/tensor/random';

const mean = ([sum = 0, count = 1]: readonly number[]): number => sum / count;
const items = (values: readonly number[]): number[][] => values.map((value) => [value, 1]);

test('a system against itself differs by nothing, with certainty', () => {
  const values = items([1, 2, 3, 4, 5]);
  expect(pairedTest(values, values, mean)).toEqual({
    difference: 0,
    interval: [0, 0],
    bootstrapP: 1,
    randomisationP: 1,
  });
});

test('a clear difference is found, its interval holds it, and the order of systems only turns its sign', () => {
  const rng = random(1);
  const first = Array.from({ length: 200 }, () => rng.normal());
  const second = first.map((value) => value + 0.5 + 0.2 * rng.normal());
  const result = pairedTest(items(first), items(second), mean, { draws: 500 });
  expect(result.difference).toBeCloseTo(
    mean([second.reduce((a, b) => a + b), 200]) - mean([first.reduce((a, b) => a + b), 200]),
    9,
  );
  expect(result.interval?.[0]).toBeGreaterThan(0.4);
  expect(result.interval?.[1]).toBeLessThan(0.6);
  expect([result.bootstrapP, result.randomisationP]).toEqual([1 / 501, 1 / 501]);
  expect(pairedTest(items(second), items(first), mean, { draws: 500 }).difference).toBeCloseTo(
    -result.difference,
    12,
  );
});

test('where nothing differs, one in twenty p-values is below 0.05', () => {
  const low = { bootstrapP: 0, randomisationP: 0 };
  const trials = 200;
  for (let trial = 0; trial < trials; trial++) {
    const rng = random(trial).fork('null');
    const sample = (): number[][] => items(Array.from({ length: 40 }, () => rng.normal()));
    const result = pairedTest(sample(), sample(), mean, { draws: 200, seed: trial });
    if ((result.bootstrapP ?? 1) < 0.05) low.bootstrapP++;
    if ((result.randomisationP ?? 1) < 0.05) low.randomisationP++;
  }
  // 10 expected, standard deviation 3.1; the bootstrap of 40 items runs a little bold.
  expect(low.randomisationP).toBeLessThan(20);
  expect(low.randomisationP).toBeGreaterThan(1);
  expect(low.bootstrapP).toBeLessThan(24);
});

test('one item says nothing', () => {
  expect(pairedTest(items([1]), items([2]), mean)).toEqual({
    difference: 1,
    interval: null,
    bootstrapP: null,
    randomisationP: null,
  });
});
