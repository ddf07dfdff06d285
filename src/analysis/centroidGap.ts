import { centroidStatistic } from './centroids';
import type { Measure } from './measure';

/** Distance of two vectors. */
export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += ((a[k] as number) - (b[k] as number)) ** 2;
  return Math.sqrt(sum);
}

/**
 * Distance of the two sets' centroids, |mean(prompt) - mean(inputs)|, in the vectors' own units. Two samples of one
 * distribution lie about sqrt(trace of the covariance x (1/n + 1/m)) apart: compare with the floor.
 */
export const centroidGap: Measure = {
  tail: 'greater',
  range: [0, Infinity],
  of: (space) => centroidStatistic(space, space.rows, distance),
};
