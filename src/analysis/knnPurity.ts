import type { Measure } from './measure';
import { side, sideStatistic } from './sides';
import { largestBlock } from './space';

const K = 5;

/**
 * Label purity of the k = 5 nearest neighbours (fewer where a set has no 6 vectors), Euclidean: of each set the mean share
 * of neighbours of the own set, averaged over the two sets, so that equal sets have about 0.5 whatever their sizes, and
 * sets apart 1. Undefined for a set of one vector, or where all distances are zero.
 */
export const knnPurity: Measure = {
  tail: 'greater',
  range: [0, 1],
  of: (space) => {
    const { n, prompt } = space;
    const k = Math.min(K, prompt - 1, n - prompt - 1);
    if (k < 1) return { reason: 'a set of one vector has no neighbour of its own' };
    if (!space.distances().some((distance) => distance > 0))
      return { reason: 'all vectors are equal: no neighbour is nearer than another' };
    const depth = Math.min(n - 1, k + largestBlock(space));
    const lists = space.neighbours(depth);
    return sideStatistic(space, (sides) => {
      const [rows, same] = [
        [0, 0],
        [0, 0],
      ];
      for (let row = 0; row < n; row++) {
        const own = sides[row] as number;
        if (own === side.leftOut) continue;
        let [seen, alike] = [0, 0];
        for (let place = row * depth; seen < k && place < (row + 1) * depth; place++) {
          const which = sides[lists[place] as number];
          if (which === side.leftOut) continue;
          seen++;
          if (which === own) alike++;
        }
        rows[own] = (rows[own] as number) + 1;
        same[own] = (same[own] as number) + alike / k;
      }
      return rows.reduce((sum, count, own) => sum + (same[own] as number) / count / 2, 0);
    });
  },
};
