/*
 * Products of the rows of a matrix `[n, d]`, row-major. Four rows are walked through side by side: a single sum would wait
 * for its last addition, a single row would load the other factor anew each time.
 */

/** The scalar product of each of the first `out.length` rows with a vector; equal rows have equal products. */
export function timesVector(rows: Float64Array, d: number, vector: Float64Array, out: Float64Array): void {
  const n = out.length;
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    const a = row * d;
    const [b, c, e] = [a + d, a + 2 * d, a + 3 * d];
    let [p, q, r, s] = [0, 0, 0, 0];
    for (let k = 0; k < d; k++) {
      const value = vector[k] as number;
      p += value * (rows[a + k] as number);
      q += value * (rows[b + k] as number);
      r += value * (rows[c + k] as number);
      s += value * (rows[e + k] as number);
    }
    out[row] = p;
    out[row + 1] = q;
    out[row + 2] = r;
    out[row + 3] = s;
  }
  for (; row < n; row++) {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += (vector[k] as number) * (rows[row * d + k] as number);
    out[row] = sum;
  }
}

/** Adds to `out` the sum of the rows, each times its weight. */
export function addWeighted(rows: Float64Array, d: number, weights: Float64Array, out: Float64Array): void {
  const n = weights.length;
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    const a = row * d;
    const [b, c, e] = [a + d, a + 2 * d, a + 3 * d];
    const [p, q, r, s] = [weights[row], weights[row + 1], weights[row + 2], weights[row + 3]] as [
      number,
      number,
      number,
      number,
    ];
    for (let k = 0; k < d; k++)
      out[k] =
        (out[k] as number) +
        (p * (rows[a + k] as number) +
          q * (rows[b + k] as number) +
          r * (rows[c + k] as number) +
          s * (rows[e + k] as number));
  }
  for (; row < n; row++) {
    const weight = weights[row] as number;
    for (let k = 0; k < d; k++) out[k] = (out[k] as number) + weight * (rows[row * d + k] as number);
  }
}

/** Scalar products of all rows with each other, `[n, n]`. */
export function gramOf(rows: Float64Array, n: number, d: number): Float64Array {
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const products = gram.subarray(i * n, i * n + i + 1);
    timesVector(rows, d, rows.subarray(i * d, (i + 1) * d), products);
    for (let j = 0; j < i; j++) gram[j * n + i] = products[j] as number;
  }
  return gram;
}
