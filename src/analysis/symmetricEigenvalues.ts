/**
 * Eigenvalues of a symmetric matrix `[n, n]`, ascending, without the eigenvectors, which would take ten times as long:
 * Householder reflections to a tridiagonal matrix, then implicit QL. Only the lower triangle is read; the matrix is
 * overwritten.
 * Reference: Martin, Reinsch and Wilkinson 1968, "Householder's tridiagonalization of a symmetric matrix"; Dubrulle,
 * Martin and Wilkinson 1968, "The implicit QL algorithm".
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix, n);
  implicitQl(diagonal, beside);
  return diagonal.sort();
}

type Tridiagonal = {
  readonly diagonal: Float64Array;
  /** Place i: between rows i - 1 and i; place 0 is zero. */
  readonly beside: Float64Array;
};

function tridiagonal(matrix: Float64Array, n: number): Tridiagonal {
  const beside = new Float64Array(n);
  const image = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const v = matrix.subarray(i * n, i * n + i);
    const last = v[i - 1] as number;
    const square = v.reduce((sum, value) => sum + value * value, 0);
    const length = last > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[i] = length;
    // Half of the squared length of the reflection's axis.
    const half = square - last * length;
    if (half === 0) continue;
    v[i - 1] = last - length;
    image.fill(0, 0, i);
    for (let j = 0; j < i; j++) {
      const start = j * n;
      const own = v[j] as number;
      let sum = 0;
      for (let k = 0; k < j; k++) {
        const value = matrix[start + k] as number;
        sum += value * (v[k] as number);
        image[k] = (image[k] as number) + value * own;
      }
      image[j] = (image[j] as number) + sum + (matrix[start + j] as number) * own;
    }
    let along = 0;
    for (let j = 0; j < i; j++) {
      image[j] = (image[j] as number) / half;
      along += (v[j] as number) * (image[j] as number);
    }
    along /= 2 * half;
    for (let j = 0; j < i; j++) image[j] = (image[j] as number) - along * (v[j] as number);
    for (let j = 0; j < i; j++) {
      const start = j * n;
      const [a, b] = [v[j] as number, image[j] as number];
      for (let k = 0; k <= j; k++)
        matrix[start + k] = (matrix[start + k] as number) - (a * (image[k] as number) + b * (v[k] as number));
    }
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => matrix[i * n + i] as number), beside };
}

/** Leaves the eigenvalues in the diagonal. */
function implicitQl(diagonal: Float64Array, beside: Float64Array): void {
  const n = diagonal.length;
  /** Place i: between rows i and i + 1. */
  const e = new Float64Array(n);
  e.set(beside.subarray(1));
  for (let low = 0; low < n; low++)
    for (;;) {
      let high = low;
      while (high < n - 1 && !isNegligible(diagonal, e, high)) high++;
      if (high === low) break;
      const [d0, d1, e0] = [diagonal[low] as number, diagonal[low + 1] as number, e[low] as number];
      const ratio = (d1 - d0) / (2 * e0);
      const root = Math.hypot(ratio, 1);
      let g = (diagonal[high] as number) - d0 + e0 / (ratio + (ratio < 0 ? -root : root));
      let [sine, cosine, shift] = [1, 1, 0];
      let i = high - 1;
      for (; i >= low; i--) {
        const [f, b] = [sine * (e[i] as number), cosine * (e[i] as number)];
        const length = Math.hypot(f, g);
        e[i + 1] = length;
        if (length === 0) break;
        [sine, cosine] = [f / length, g / length];
        g = (diagonal[i + 1] as number) - shift;
        const turned = ((diagonal[i] as number) - g) * sine + 2 * cosine * b;
        shift = sine * turned;
        diagonal[i + 1] = g + shift;
        g = cosine * turned - b;
      }
      if (i >= low) diagonal[i + 1] = (diagonal[i + 1] as number) - shift;
      else {
        diagonal[low] = (diagonal[low] as number) - shift;
        e[low] = g;
      }
      e[high] = 0;
    }
}

function isNegligible(diagonal: Float64Array, e: Float64Array, at: number): boolean {
  const around = Math.abs(diagonal[at] as number) + Math.abs(diagonal[at + 1] as number);
  return around + Math.abs(e[at] as number) === around;
}
