import { expect, test } from 'vitest';
import { random } from '../../src/tensor/random';

test('normal numbers have mean 0 and variance 1', () => {
  const rng = random(7);
  const draws = Array.from({ length: 20_000 }, () => rng.normal());
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length - 1)).toBeLessThan(0.04);
});

test('a fork depends on seed and label alone', () => {
  const fresh = random(3).fork('a').uniform();
  const used = random(3);
  used.uniform();
  expect(used.fork('a').uniform()).toBe(fresh);
  expect(used.fork('b').uniform()).not.toBe(fresh);
});
