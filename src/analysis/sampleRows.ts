import type { Random } from '../tensor/random';

/** At most `most` of n rows, each equally likely, in ascending order. */
export function sampleRows(n: number, most: number, rng: Random): number[] {
  const all = [...Array(n).keys()];
  return n <= most
    ? all
    : rng
        .shuffle(all)
        .slice(0, most)
        .sort((a, b) => a - b);
}
