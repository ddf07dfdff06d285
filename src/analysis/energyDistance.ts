import type { Measure } from './measure';
import { pairStatistic } from './pairs';

/**
 * Energy distance 2 mean|p - x| - mean|p - p'| - mean|x - x'|, the means over all pairs, a vector with itself included
 * (the V-statistic: never below 0, and above it between two samples of one distribution; compare with the floor).
 * Reference: Székely and Rizzo 2013, "Energy statistics" (J. Statistical Planning and Inference 143), equation 6.
 */
export const energyDistance: Measure = {
  tail: 'greater',
  range: [0, Infinity],
  of: (space) =>
    pairStatistic(
      space,
      space.distances(),
      ({ prompt: pp, inputs: xx, across, sizes: [p, x] }) =>
        (2 * across) / (p * x) - pp / p ** 2 - xx / x ** 2,
    ),
};
