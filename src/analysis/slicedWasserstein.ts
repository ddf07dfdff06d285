import { random } from '../tensor/random';
import type { Measure } from './measure';
import { timesVector } from './rowProducts';
import { side, sideStatistic } from './sides';
import { norm } from './vectors';

/** Directions of the projections; more make the measure steadier and slower. */
const DIRECTIONS = 100;

const made = new Map<number, Float64Array>();

/** Unit vectors `[100, d]`, uniform on the sphere, the same for the same d. */
export function directions(d: number): Float64Array {
  const known = made.get(d) ?? makeDirections(d);
  made.set(d, known);
  return known;
}

function makeDirections(d: number): Float64Array {
  const rng = random('sliced Wasserstein').fork(d);
  const all = new Float64Array(DIRECTIONS * d);
  for (let i = 0; i < DIRECTIONS; i++) {
    const vector = Float64Array.from({ length: d }, () => rng.normal());
    const length = norm(vector);
    all.set(
      vector.map((value) => value / length),
      i * d,
    );
  }
  return all;
}

/**
 * W2^2 of two samples on a line, sorted: the integral of the squared difference of their quantile functions. Both are
 * steps; shares are counted in whole steps of 1 / (n m), so that no rounding decides which ends first.
 */
function squaredWasserstein(a: Float64Array, n: number, b: Float64Array, m: number): number {
  let i = 0;
  let j = 0;
  let done = 0;
  let endA = m;
  let endB = n;
  let sum = 0;
  while (i < n && j < m) {
    const difference = (a[i] as number) - (b[j] as number);
    const end = endA < endB ? endA : endB;
    sum += (end - done) * difference * difference;
    done = end;
    if (endA === end) {
      i++;
      endA += m;
    }
    if (endB === end) {
      j++;
      endB += n;
    }
  }
  return sum / (n * m);
}

/**
 * Sliced Wasserstein-2 distance: the root of the mean over directions of W2^2 between the sets' projections, in the
 * vectors' own units.
 * Reference: Bonneel et al. 2015, "Sliced and Radon Wasserstein Barycenters of Measures", definition 2.
 */
export const slicedWasserstein: Measure = {
  tail: 'greater',
  range: [0, Infinity],
  of: (space) => {
    const { n, d, rows } = space;
    const lines = directions(d);
    const projected: Float64Array[] = [];
    const orders: Int32Array[] = [];
    for (let line = 0; line < DIRECTIONS; line++) {
      const values = new Float64Array(n);
      timesVector(rows, d, lines.subarray(line * d, (line + 1) * d), values);
      const order = Int32Array.from(values.keys()).sort(
        (i, j) => (values[i] as number) - (values[j] as number),
      );
      projected.push(values.map((_, i) => values[order[i] as number] as number));
      orders.push(order);
    }
    const a = new Float64Array(n + 1);
    const b = new Float64Array(n + 1);
    return sideStatistic(space, (sides) => {
      let total = 0;
      for (let line = 0; line < DIRECTIONS; line++) {
        const [values, order] = [projected[line] as Float64Array, orders[line] as Int32Array];
        let p = 0;
        let x = 0;
        for (let i = 0; i < n; i++) {
          // Written to both, kept in one: a branch on labels in random order would cost more.
          const which = sides[order[i] as number];
          a[p] = values[i] as number;
          b[x] = values[i] as number;
          p += which === side.prompt ? 1 : 0;
          x += which === side.inputs ? 1 : 0;
        }
        total += squaredWasserstein(a, p, b, x);
      }
      return Math.sqrt(total / DIRECTIONS);
    });
  },
};
