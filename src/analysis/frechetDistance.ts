import { EVD, Matrix } from 'ml-matrix';
import { others, range, type Measure } from './measure';
import { psdEigenvalues } from './psdEigenvalues';
import { gramOf } from './rowProducts';
import type { Space } from './space';

/**
 * The rows in as few coordinates as hold them, distances kept: their own d, or n where there are fewer rows. One
 * coordinate after the other, `[k, n]`, each with its mean taken away.
 */
function coordinates({ n, d, rows, gram }: Space): Float64Array {
  const k = Math.min(n, d);
  const columns = new Float64Array(k * n);
  if (d <= n)
    for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) columns[j * n + i] = rows[i * d + j] as number;
  else {
    const { realEigenvalues, eigenvectorMatrix } = new EVD(Matrix.from1DArray(n, n, gram()), {
      assumeSymmetric: true,
    });
    eigenvectorMatrix.mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
    for (let j = 0; j < k; j++) columns.set(eigenvectorMatrix.getColumn(j), j * n);
  }
  for (let j = 0; j < k; j++) {
    const column = columns.subarray(j * n, (j + 1) * n);
    const mean = column.reduce((sum, value) => sum + value, 0) / n;
    for (let i = 0; i < n; i++) column[i] = (column[i] as number) - mean;
  }
  return columns;
}

/** What shrinking gives every dimension, those beyond the coordinates too, and the share of the covariance it leaves. */
type Shrinkage = { readonly everywhere: number; readonly left: number };

/**
 * Ledoit and Wolf's shrinkage, (1 - s) S + s (tr S / d) I, s the share that minimises the expected error. It keeps the
 * trace.
 * Reference: Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", section 3.3.
 *
 * @param squares sum of the squared entries of S.
 * @param fourth sum over the n vectors of |x - mean|^4.
 */
function shrinkage(trace: number, squares: number, fourth: number, n: number, d: number): Shrinkage {
  const delta = squares - trace ** 2 / d;
  const beta = Math.min((fourth / n - squares) / n, delta);
  const share = beta > 0 ? beta / delta : 0;
  return { everywhere: (share * trace) / d, left: 1 - share };
}

const sumOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);
const squaresOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value ** 2, 0);

/**
 * |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2), in all d dimensions, of some rows, few, and all others. The root
 * of the few's covariance comes of its few axes: with C1 = a I + B B^T it is a^1/2 I + B G B^T. The others' covariance is
 * what the few leave of that of all.
 *
 * @param columns centred coordinates `[k, n]`.
 * @param total their scalar products `[k, k]`.
 */
function frechet(columns: Float64Array, total: Float64Array, few: Int32Array, n: number, d: number): number {
  const k = columns.length / n;
  const m = few.length;
  const rest = n - m;
  const own = new Matrix(m, k);
  for (let j = 0; j < k; j++) few.forEach((row, i) => own.set(i, j, columns[j * n + row] as number));
  const fewMean = own.mean('column');
  const restMean = fewMean.map((value) => (-value * m) / rest);
  const covariance = Matrix.from1DArray(k, k, total)
    .sub(own.transpose().mmul(own))
    .div(rest)
    .sub(Matrix.columnVector(restMean).mmul(Matrix.rowVector(restMean)));
  const lengths = new Float64Array(n);
  for (let j = 0; j < k; j++)
    for (let i = 0; i < n; i++)
      lengths[i] = (lengths[i] as number) + ((columns[j * n + i] as number) - (restMean[j] as number)) ** 2;
  const restTrace = covariance.trace();
  const wide = shrinkage(
    restTrace,
    squaresOf(covariance.to1DArray()),
    squaresOf(lengths.filter((_, i) => !few.includes(i))),
    rest,
    d,
  );
  covariance.mul(wide.left);
  for (let j = 0; j < k; j++) covariance.set(j, j, covariance.get(j, j) + wide.everywhere);

  own.subRowVector(fewMean).div(Math.sqrt(m));
  const isWide = k > m;
  const { realEigenvalues, eigenvectorMatrix } = new EVD(
    isWide ? own.mmul(own.transpose()) : own.transpose().mmul(own),
    { assumeSymmetric: true },
  );
  const variances = realEigenvalues.map((value) => Math.max(0, value));
  const fewTrace = sumOf(variances);
  const fourth = m ** 2 * squaresOf(own.to2DArray().map(squaresOf));
  const narrow = shrinkage(fewTrace, squaresOf(variances), fourth, m, d);
  const axes = (
    isWide
      ? own.transpose().mmul(eigenvectorMatrix)
      : eigenvectorMatrix.mulRowVector(variances.map(Math.sqrt))
  ).mul(Math.sqrt(narrow.left));
  const plain = Math.sqrt(narrow.everywhere);
  const along = variances.map((variance) => {
    const sum = Math.sqrt(narrow.everywhere + narrow.left * variance) + plain;
    return sum > 0 ? 1 / sum : 0;
  });
  // C1^1/2 C2 C1^1/2 = a C2 + T B^T + B T^T.
  const turned = covariance.mmul(axes).mulRowVector(along);
  const core = axes.transpose().mmul(turned).mulColumnVector(along);
  turned.mul(plain).add(axes.mmul(core).mul(0.5));
  const across = turned.mmul(axes.transpose());
  const inner = covariance.mul(narrow.everywhere).add(across).add(across.transpose());
  const shared = psdEigenvalues(inner).reduce(
    (sum, value) => sum + Math.sqrt(value),
    (d - k) * Math.sqrt(wide.everywhere * narrow.everywhere),
  );
  const shift = fewMean.reduce((sum, value, j) => sum + (value - (restMean[j] as number)) ** 2, 0);
  return Math.max(0, shift + fewTrace + restTrace - 2 * shared);
}

/**
 * Fréchet distance (squared, as in FID) between Gaussians fitted to the two sets, their covariances shrunk after Ledoit
 * and Wolf: 50 vectors span 49 dimensions at most. Its bias at such sizes is great: read it against the floor. Undefined
 * for a set of fewer than 3 vectors.
 * Reference: Dowson and Landau 1982; Heusel et al. 2017 (arXiv 1706.08500).
 */
export const frechetDistance: Measure = {
  tail: null,
  untested: 'each permutation would take a decomposition; MMD² and energy distance test the same',
  withoutInterval: 'each vector left out would take a decomposition',
  floorDraws: 3,
  range: [0, Infinity],
  of: (space) => {
    const { n, d, prompt } = space;
    if (prompt < 3 || n - prompt < 3) return { reason: 'fewer than 3 vectors in a set have no covariance' };
    const columns = coordinates(space);
    const total = gramOf(columns, columns.length / n, n);
    const relabelled = (rows: Int32Array): number =>
      frechet(columns, total, 2 * rows.length <= n ? rows : others(n, rows), n, d);
    return { value: relabelled(range(0, prompt)), relabelled };
  },
};
