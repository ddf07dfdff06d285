import { random } from '../tensor/random';
import type { Measure } from './measure';
import { side, sideStatistic } from './sides';
import { norm } from './vectors';

/** Directions of the projections; more make the measure steadier and slower. */
const DIRECTIONS = 100;

/** Unit vectors `[count, d]`, uniform on the sphere, the same for the same d. */
export function directions(d: number, count = DIRECTIONS): Float64Array {
  const rng = random('sliced Wasserstein').fork(d);
  const all = new Float64Array(count * d);
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length: d }, () => rng.normal());
    const length = norm(vector);
    all.set(
      vector.map((value) => value / length),
      i * d,
    );
  }
  return all;
}

/** W2^2 of two samples on a line, sorted: the integral of the squared difference of their quantile functions. */
function squaredWasserstein(a: Float64Array, n: number, b: Float64Array, m: number): number {
  let [i, j, mass, sum] = [0, 0, 0, 0];
  while (i < n && j < m) {
    const [endA, endB] = [(i + 1) / n, (j + 1) / m];
    const end = Math.min(endA, endB);
    sum += (end - mass) * ((a[i] as number) - (b[j] as number)) ** 2;
    mass = end;
    // Both quantile functions step where (i + 1) m = (j + 1) n; whole numbers decide it without rounding.
    const order = (i + 1) * m - (j + 1) * n;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return sum;
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
      for (let row = 0; row < n; row++) {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += (rows[row * d + k] as number) * (lines[line * d + k] as number);
        values[row] = sum;
      }
      const order = Int32Array.from(values.keys()).sort(
        (i, j) => (values[i] as number) - (values[j] as number),
      );
      projected.push(values.map((_, i) => values[order[i] as number] as number));
      orders.push(order);
    }
    const [a, b] = [new Float64Array(n), new Float64Array(n)];
    return sideStatistic(space, (sides) => {
      let total = 0;
      for (let line = 0; line < DIRECTIONS; line++) {
        const [values, order] = [projected[line] as Float64Array, orders[line] as Int32Array];
        let [p, x] = [0, 0];
        for (let i = 0; i < n; i++) {
          const which = sides[order[i] as number];
          if (which === side.prompt) a[p++] = values[i] as number;
          else if (which === side.inputs) b[x++] = values[i] as number;
        }
        total += squaredWasserstein(a, p, b, x);
      }
      return Math.sqrt(total / DIRECTIONS);
    });
  },
};
