import { distance } from './centroidGap';
import { centroidStatistic } from './centroids';
import type { Measure } from './measure';

/**
 * Distance of the centroids of the L2-normalised vectors, from 0 to 2: only directions count, so multiplying a set
 * changes nothing. Undefined where a vector is zero.
 * Reference: Liang et al. 2022, "Mind the Gap" (arXiv 2203.02053), section 2.
 */
export const centroidGapNormalised: Measure = {
  tail: 'greater',
  range: [0, 2],
  of: (space) => {
    const directions = space.directions();
    if (directions === null) return { reason: 'a vector is zero and has no direction' };
    return centroidStatistic(space, directions, distance);
  },
};
