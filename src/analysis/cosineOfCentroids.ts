import { centroidStatistic } from './centroids';
import type { Measure } from './measure';
import { norm } from './vectors';

/** Cosine of the angle between two vectors; NaN where one is zero. */
function cosine(a: Float64Array, b: Float64Array): number {
  const product = a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
  return Math.min(1, Math.max(-1, product / (norm(a) * norm(b))));
}

/**
 * Cosine of the angle between the two sets' centroids, from -1 to 1; 1 = same direction. Undefined where a centroid is
 * zero. It cannot see a norm, and where the centroids are near zero it is noise: compare with the floor.
 */
export const cosineOfCentroids: Measure = {
  tail: 'less',
  range: [-1, 1],
  of: (space) => {
    const statistic = centroidStatistic(space, space.rows, cosine);
    return Number.isNaN(statistic.value) ? { reason: 'a centroid is zero and has no direction' } : statistic;
  },
};
