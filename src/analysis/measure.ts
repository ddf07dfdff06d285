import type { Random } from '../tensor/random';
import type { Space } from './space';

/** What one measure finds in one space. */
export type Statistic = {
  readonly value: number;
  /** The value without the rows of one unit, which all lie in one set; absent where no interval is made. */
  readonly without?: (unit: Int32Array) => number;
  /** The value if these rows were the prompt and all others the inputs. */
  readonly relabelled: (prompt: Int32Array) => number;
};

/** A statistic, or the reason why it is undefined for these vectors. */
export type Found = Statistic | { readonly reason: string };

/** A measure of how two sets of vectors differ, or of the prompt alone. One file a measure. */
export interface Measure {
  /** Which values speak against equal sets; null where a permutation test makes no sense, and `untested` says why. */
  readonly tail: 'greater' | 'less' | 'both' | null;
  readonly untested?: string;
  /** Why no interval is given; absent where the jackknife's holds. */
  readonly withoutInterval?: string;
  /** Draws of the floor, for measures that are dear to compute. */
  readonly floorDraws?: number;
  /** The least and greatest values that the measure can have. */
  readonly range: readonly [number, number];
  /** Computes the measure. */
  of(space: Space): Found;
  /** A permutation test of its own, for measures that fit a model first. `units`: rows that stay together. */
  test?(space: Space, units: readonly Int32Array[], permutations: number, rng: Random): number | null;
}

/** The rows that a set of rows leaves, in order. */
export function others(n: number, rows: Int32Array): Int32Array {
  const taken = new Uint8Array(n);
  for (const row of rows) taken[row] = 1;
  const left = new Int32Array(n - rows.length);
  let at = 0;
  for (let row = 0; row < n; row++) if (taken[row] === 0) left[at++] = row;
  return left;
}

/** Whole numbers from `from` to before `to`. */
export function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}
