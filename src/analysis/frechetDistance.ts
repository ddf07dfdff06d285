import { EVD, Matrix } from 'ml-matrix';
import { others, range, type Measure } from './measure';
import type { Space } from './space';

/** The rows in as few coordinates as hold them, distances kept: their own d, or n where there are fewer rows. */
function coordinates({ n, d, rows, gram }: Space): Matrix {
  if (d <= n) return Matrix.from1DArray(n, d, rows);
  const { realEigenvalues, eigenvectorMatrix } = new EVD(Matrix.from1DArray(n, n, gram()), {
    assumeSymmetric: true,
  });
  return eigenvectorMatrix.mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
}

type Gaussian = {
  readonly mean: number[];
  readonly covariance: Matrix;
  /** The variance that shrinking gives every dimension, those beyond the coordinates too. */
  readonly everywhere: number;
};

/**
 * Mean and shrunk covariance (1 - s) S + s (tr S / d) I, s the share that minimises the expected error.
 * Reference: Ledoit and Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", section 3.3.
 */
export function shrunkGaussian(sample: Matrix, d: number): Gaussian {
  const n = sample.rows;
  const mean = sample.mean('column');
  const centred = sample.clone().subRowVector(mean);
  const covariance = centred.transpose().mmul(centred).div(n);
  const trace = covariance.trace();
  const squares = covariance.to1DArray().reduce((sum, value) => sum + value ** 2, 0);
  const fourth = centred
    .to2DArray()
    .reduce((sum, row) => sum + row.reduce((square, value) => square + value ** 2, 0) ** 2, 0);
  const delta = squares - trace ** 2 / d;
  const beta = Math.min((fourth / n - squares) / n, delta);
  const share = beta > 0 ? beta / delta : 0;
  const everywhere = (share * trace) / d;
  covariance.mul(1 - share);
  for (let i = 0; i < covariance.rows; i++) covariance.set(i, i, covariance.get(i, i) + everywhere);
  return { mean, covariance, everywhere };
}

function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EVD(matrix, { assumeSymmetric: true });
  const roots = eigenvectorMatrix
    .clone()
    .mulRowVector(realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))));
  return roots.mmul(eigenvectorMatrix.transpose());
}

/** |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2), in all d dimensions. */
function frechet(a: Gaussian, b: Gaussian, d: number): number {
  const shift = a.mean.reduce((sum, value, k) => sum + (value - (b.mean[k] as number)) ** 2, 0);
  const root = squareRoot(a.covariance);
  const inner = root.mmul(b.covariance).mmul(root);
  const { realEigenvalues } = new EVD(inner, { assumeSymmetric: true });
  const shared = realEigenvalues.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const beyond = d - a.covariance.rows;
  const rest = beyond * (Math.sqrt(a.everywhere) - Math.sqrt(b.everywhere)) ** 2;
  return Math.max(0, shift + a.covariance.trace() + b.covariance.trace() - 2 * shared + rest);
}

/**
 * Fréchet distance (squared, as in FID) between Gaussians fitted to the two sets, their covariances shrunk after Ledoit
 * and Wolf: 50 vectors span 49 dimensions at most. Its bias at such sizes is great: read it against the floor. Undefined
 * for a set of fewer than 3 vectors.
 * Reference: Dowson and Landau 1982; Heusel et al. 2017 (arXiv 1706.08500).
 */
export const frechetDistance: Measure = {
  tail: null,
  untested: 'each permutation would take decompositions; MMD² and energy distance test the same',
  withoutInterval: 'each vector left out would take decompositions',
  floorDraws: 3,
  range: [0, Infinity],
  of: (space) => {
    const { n, d, prompt } = space;
    if (prompt < 3 || n - prompt < 3) return { reason: 'fewer than 3 vectors in a set have no covariance' };
    const sample = coordinates(space);
    const columns = sample.columns - 1;
    const gaussian = (rows: Int32Array): Gaussian =>
      shrunkGaussian(sample.subMatrixRow([...rows], 0, columns), d);
    const relabelled = (rows: Int32Array): number => frechet(gaussian(rows), gaussian(others(n, rows)), d);
    return { value: relabelled(range(0, prompt)), relabelled };
  },
};
