import type { Measure } from './measure';
import { side, sideStatistic } from './sides';
import { largestBlock } from './space';

const K = 10;

/**
 * Hubness of both sets together: the skewness of how often each vector is among the k = 10 nearest neighbours of another
 * (fewer than 11 vectors: all but one). 0 = all alike; great = a few vectors, prompt's or inputs', are near to everything.
 * The floor is that of the inputs alone. Undefined where every vector is a neighbour as often, or all distances are zero.
 * Reference: Radovanović et al. 2010, "Hubs in Space" (JMLR 11), section 2.1.
 */
export const hubness: Measure = {
  tail: null,
  untested: 'it takes both sets together and knows no labels',
  withoutInterval: 'the jackknife’s holds in 83 % of draws only: a skewness is small where its own error is',
  range: [-Infinity, Infinity],
  of: (space) => {
    const { n } = space;
    const k = Math.min(K, n - 2);
    if (k < 1) return { reason: 'fewer than 3 vectors are all neighbours of each other' };
    if (!space.distances().some((distance) => distance > 0))
      return { reason: 'all vectors are equal: no neighbour is nearer than another' };
    const depth = Math.min(n - 1, k + largestBlock(space));
    const lists = space.neighbours(depth);
    const statistic = sideStatistic(space, (sides) => {
      const counts = new Float64Array(n);
      let rows = 0;
      for (let row = 0; row < n; row++) {
        if (sides[row] === side.leftOut) continue;
        rows++;
        let seen = 0;
        for (let place = row * depth; seen < k && place < (row + 1) * depth; place++) {
          const neighbour = lists[place] as number;
          if (sides[neighbour] === side.leftOut) continue;
          seen++;
          counts[neighbour] = (counts[neighbour] as number) + 1;
        }
      }
      let [second, third] = [0, 0];
      for (let row = 0; row < n; row++) {
        if (sides[row] === side.leftOut) continue;
        const deviation = (counts[row] as number) - k;
        second += deviation ** 2 / rows;
        third += deviation ** 3 / rows;
      }
      return third / second ** 1.5;
    });
    return Number.isFinite(statistic.value)
      ? statistic
      : { reason: 'every vector is a neighbour as often as every other' };
  },
};
