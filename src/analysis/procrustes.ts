import { Matrix, SVD } from 'ml-matrix';
import { ShapeError } from '../errors';
import type { Vectors } from './vectors';

/** Mean taken away, divided by the root of the sum of squares. */
function standardised(points: Vectors): Matrix {
  const matrix = new Matrix(points.map((point) => Array.from(point)));
  matrix.subRowVector(matrix.mean('column'));
  return matrix.div(matrix.norm('frobenius'));
}

/**
 * What is left between two maps `[n, e]` of the same points after shift, scale, rotation and reflection: 0 = the same map,
 * 1 = nothing in common. Of maps by several seeds, low values say that the picture is no accident of the seed.
 * Reference: Gower 1975, "Generalized Procrustes analysis"; the disparity of scipy.spatial.procrustes.
 * @throws ShapeError if the maps differ in their number of points.
 */
export function procrustesDisparity(a: Vectors, b: Vectors): number {
  if (a.length !== b.length)
    throw new ShapeError(
      `procrustesDisparity: both maps must have the same points; found ${a.length} and ${b.length}`,
    );
  const { diagonal } = new SVD(standardised(a).transpose().mmul(standardised(b)));
  return 1 - diagonal.reduce((sum, value) => sum + value, 0) ** 2;
}
