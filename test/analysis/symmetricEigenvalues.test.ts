import { EVD, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from '../../src/analysis/symmetricEigenvalues';
import { random } from '../../src/tensor/random';

/** A symmetric matrix of some rank. */
function symmetric(n: number, rank: number): Matrix {
  const rng = random(`${n}/${rank}`);
  const factor = Matrix.from1DArray(
    n,
    rank,
    Array.from({ length: n * rank }, () => rng.normal()),
  );
  const signs = Array.from({ length: rank }, (_, i) => (i % 3 === 0 ? -1 : 1));
  return factor.clone().mulRowVector(signs).mmul(factor.transpose());
}

describe('symmetricEigenvalues', () => {
  it.each<readonly [string, Matrix]>([
    ['one row', symmetric(1, 1)],
    ['full rank', symmetric(40, 40)],
    ['less than full rank', symmetric(40, 7)],
    ['zeros', Matrix.zeros(5, 5)],
    ['a diagonal', Matrix.diag([3, -1, 2, 2])],
    [
      'blocks apart',
      new Matrix([
        [2, 1, 0, 0],
        [1, 2, 0, 0],
        [0, 0, 5, 4],
        [0, 0, 4, 5],
      ]),
    ],
  ])('equals ml-matrix’s: %s', (_, matrix) => {
    const n = matrix.rows;
    const theirs = new EVD(matrix, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => a - b);
    const ours = symmetricEigenvalues(Float64Array.from(matrix.to1DArray()), n);
    expect(ours).toHaveLength(n);
    const largest = Math.max(1, ...theirs.map(Math.abs));
    ours.forEach((value, i) => expect(value / largest).toBeCloseTo((theirs[i] as number) / largest, 12));
  });

  it('reads the lower triangle alone', () => {
    expect([...symmetricEigenvalues(Float64Array.of(2, NaN, 1, 2), 2)]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(3, 12),
    ]);
  });
});
