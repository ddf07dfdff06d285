import { EVD, Matrix } from 'ml-matrix';
import type { Vectors } from './vectors';

/** Coordinates on the first principal components, and the share of the variance that each explains. */
export type PrincipalComponents = { readonly points: Vectors; readonly explained: readonly number[] };

/**
 * The first two principal components of vectors `[n, d]`, by the smaller of the two matrices of scalar products. The sign
 * of a component is free; here its longest coordinate is positive.
 * Reference: Pearson 1901, "On lines and planes of closest fit to systems of points in space".
 */
export function principalComponents(vectors: Vectors): PrincipalComponents {
  const rows = new Matrix(vectors.map((vector) => Array.from(vector)));
  rows.subRowVector(rows.mean('column'));
  const [n, d] = [rows.rows, rows.columns];
  const isWide = d > n;
  const products = isWide ? rows.mmul(rows.transpose()) : rows.transpose().mmul(rows);
  const { realEigenvalues, eigenvectorMatrix } = new EVD(products, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] as number) - (realEigenvalues[a] as number),
  );
  const total = products.trace();
  const columns = [0, 1].map((place) => {
    const at = order[place];
    if (at === undefined) return new Array<number>(n).fill(0);
    const vector = Matrix.columnVector(eigenvectorMatrix.getColumn(at));
    const column = isWide
      ? vector.mul(Math.sqrt(Math.max(0, realEigenvalues[at] as number))).to1DArray()
      : rows.mmul(vector).to1DArray();
    const longest = column.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    return longest < 0 ? column.map((value) => -value) : column;
  });
  return {
    points: vectors.map((_, row) => Float32Array.from(columns, (column) => column[row] as number)),
    explained: [0, 1].map((place) => {
      const at = order[place];
      return at === undefined || total === 0 ? 0 : Math.max(0, realEigenvalues[at] as number) / total;
    }),
  };
}
