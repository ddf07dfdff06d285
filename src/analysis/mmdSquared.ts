import type { Measure } from './measure';
import { pairStatistic } from './pairs';

/** The median of the distances between different rows; of an even number the mean of the two in the middle. */
export function medianDistance(distances: Float64Array, n: number): number {
  const pairs = new Float64Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 1; i < n; i++) {
    pairs.set(distances.subarray(i * n, i * n + i), at);
    at += i;
  }
  const middle = Math.floor(pairs.length / 2);
  const upper = select(pairs, middle);
  if (pairs.length % 2 === 1) return upper;
  return (pairs.subarray(0, middle).reduce((most, value) => Math.max(most, value), -Infinity) + upper) / 2;
}

/**
 * The value that sorting would bring to a place; those before it are no greater afterwards. Sorting all pairs would take
 * most of the measure's time.
 * Reference: Hoare 1961, "Algorithm 65: Find".
 */
function select(values: Float64Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1] as number;
    let [i, j] = [low, high];
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [values[j] as number, values[i] as number];
      i++;
      j--;
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return values[place] as number;
}

/**
 * Squared maximum mean discrepancy, the unbiased estimate: mean k(p, p') + mean k(x, x') - 2 mean k(p, x) over pairs of
 * different vectors, k(a, b) = exp(-|a - b|^2 / (2 h^2)), h the median distance within both sets together. Between equal
 * distributions its expectation is 0, so that it may be below. Undefined for a set of one vector, or where h is zero.
 * Reference: Gretton et al. 2012, "A Kernel Two-Sample Test" (JMLR 13), lemma 6; median heuristic in section 8.
 */
export const mmdSquared: Measure = {
  tail: 'greater',
  range: [-2, 2],
  of: (space) => {
    const { n, prompt } = space;
    if (prompt < 2 || n - prompt < 2) return { reason: 'a set of one vector has no pairs' };
    const distances = space.distances();
    const width = medianDistance(distances, n);
    if (width === 0) return { reason: 'the median distance is zero, and with it the kernel’s width' };
    const kernel = distances.map((distance) => Math.exp(-0.5 * (distance / width) ** 2));
    return pairStatistic(
      space,
      kernel,
      ({ prompt: pp, inputs: xx, across, sizes: [p, x] }) =>
        pp / (p * (p - 1)) + xx / (x * (x - 1)) - (2 * across) / (p * x),
    );
  },
};
