import { centroidStatistic } from './centroids';
import type { Measure } from './measure';

/**
 * Anisotropy of the prompt: the mean cosine between different prompt vectors, (|sum of unit vectors|^2 - n) / (n (n - 1)).
 * 0 = all directions alike, 1 = one direction. It speaks of the mean's share more than of the spread: read it beside
 * IsoScore. Undefined for one vector, or where a vector is zero.
 * Reference: Ethayarajh 2019 (arXiv 1909.00512), section 4.1; its limits: Rudman et al. 2022 (arXiv 2108.07344).
 */
export const anisotropy: Measure = {
  tail: null,
  untested:
    'exchanging vectors between the sets asks whether the sets are alike, not how the prompt’s own vectors spread',
  range: [-1, 1],
  of: (space) => {
    if (space.prompt < 2) return { reason: 'a set of one vector has no pairs' };
    const directions = space.directions();
    if (directions === null) return { reason: 'a vector is zero and has no direction' };
    return centroidStatistic(space, directions, (mean, _, [n]) => {
      const square = mean.reduce((sum, value) => sum + value ** 2, 0);
      return (n * square - 1) / (n - 1);
    });
  },
};
