import { type Matrix, SVD } from 'ml-matrix';

/**
 * Eigenvalues of a symmetric matrix without negative ones, `[n, n]`, descending: its singular values, which come without
 * vectors and sooner than a decomposition that computes those.
 */
export function psdEigenvalues(matrix: Matrix): readonly number[] {
  return new SVD(matrix, { computeLeftSingularVectors: false, computeRightSingularVectors: false }).diagonal;
}
