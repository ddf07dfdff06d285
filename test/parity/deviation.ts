import { expect } from 'vitest';

/** Largest difference between two lists of numbers, relative to the largest expected magnitude. */
export function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    // NaN compares as false both ways, so it must be looked for.
    if (!Number.isFinite(a)) return Infinity;
    difference = Math.max(difference, Math.abs(a - e));
    magnitude = Math.max(magnitude, Math.abs(e));
  }
  return difference / magnitude;
}

/** The largest deviation by what was compared, so that a report can say how near the numbers are. */
export type Deviations = Map<string, number>;

/** Keeps a deviation if it is the largest of its kind, and gives it back. */
export function note(deviations: Deviations, what: string, value: number): number {
  deviations.set(what, Math.max(value, deviations.get(what) ?? 0));
  return value;
}

export function report(deviations: Deviations): string {
  return [...deviations].map(([what, value]) => `${what} ${value.toExponential(1)}`).join(', ');
}
