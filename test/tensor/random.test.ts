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

test('streams of neighbouring seeds and labels start independently', () => {
  const starts = Array.from({ length: 4000 }, (_, i) => random('seed').fork(i).uniform());
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const centred = starts.map((value) => value - mean(starts));
  for (const lag of [1, 2, 4, 8]) {
    const correlation = mean(centred.slice(lag).map((value, i) => value * (centred[i] as number))) * 12;
    expect(Math.abs(correlation), `lag ${lag}`).toBeLessThan(4 / Math.sqrt(4000));
  }
  const bins = new Array<number>(20).fill(0);
  for (const value of starts) bins[Math.floor(value * 20)] = (bins[Math.floor(value * 20)] as number) + 1;
  const chiSquared = bins.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
  expect(chiSquared).toBeLessThan(50);
});
