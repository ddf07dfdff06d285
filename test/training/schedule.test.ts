import { describe, expect, it } from 'vitest';
import { scheduleFactor } from '../../src/training/schedule';

const factors = (schedule: 'constant' | 'linear' | 'cosine', finalFraction: number): number[] =>
  Array.from({ length: 10 }, (_, i) =>
    Number(scheduleFactor({ schedule, steps: 10, warmupSteps: 2, finalFraction }, i + 1).toFixed(4)),
  );

describe('scheduleFactor', () => {
  it('warms up, then stays', () => {
    expect(factors('constant', 0)).toEqual([0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('warms up, then falls linearly to the final fraction', () => {
    expect(factors('linear', 0)).toEqual([0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0]);
    expect(factors('linear', 0.2)).toEqual([0.5, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]);
  });

  it('warms up, then falls as half a cosine', () => {
    const wanted = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((k) => (1 + Math.cos((Math.PI * k) / 8)) / 2);
    expect(factors('cosine', 0)).toEqual([0.5, ...wanted.map((value) => Number(value.toFixed(4)))]);
    expect(factors('cosine', 0.1)[9]).toBe(0.1);
    expect(factors('cosine', 0.1)[5]).toBe(0.55);
  });

  it('needs no warm-up, and may be all warm-up', () => {
    expect(scheduleFactor({ schedule: 'linear', steps: 4, warmupSteps: 0, finalFraction: 0 }, 1)).toBe(0.75);
    expect(scheduleFactor({ schedule: 'linear', steps: 4, warmupSteps: 4, finalFraction: 0 }, 4)).toBe(1);
  });
});
