import { DataError, ShapeError } from '../errors';
import type { tf } from '../tensor/backend';
import { shapeText } from '../tensor/shape';

/** A set of n vectors in d dimensions, one array each; what every measure takes. */
export type Vectors = readonly Float32Array[];

/** The rows of a matrix `[n, d]`. */
export async function vectorsOf(matrix: tf.Tensor2D): Promise<Vectors> {
  const [n, d] = matrix.shape;
  const values = (await matrix.data()) as Float32Array;
  return Array.from({ length: n }, (_, row) => values.slice(row * d, (row + 1) * d));
}

/**
 * Requires two sets to be comparable.
 * @throws ShapeError if a set is empty or their dimensions differ.
 * @throws DataError naming the first vector that holds NaN or infinity.
 */
export function assertComparable(where: string, prompt: Vectors, inputs: Vectors): void {
  const [p, x] = [prompt[0], inputs[0]];
  if (p === undefined || x === undefined)
    throw new ShapeError(
      `${where}: both sets must hold vectors; found ${prompt.length} and ${inputs.length}`,
    );
  if (![...prompt, ...inputs].every((vector) => vector.length === p.length))
    throw new ShapeError(
      `${where}: dimensions must match; prompt ${shapeText([prompt.length, p.length])}, inputs ${shapeText([inputs.length, x.length])}`,
    );
  for (const [name, vectors] of [
    ['prompt', prompt],
    ['inputs', inputs],
  ] as const)
    vectors.forEach((vector, row) => {
      const at = vector.findIndex((value) => !Number.isFinite(value));
      if (at !== -1)
        throw new DataError(
          `${where}: vectors must be finite; ${name} [${row}, ${at}] is ${vector[at] as number}`,
        );
    });
}

/** Euclidean length of a vector, summed in double precision. */
export function norm(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i] as number) ** 2;
  return Math.sqrt(sum);
}

/** Euclidean length of each vector. */
export function norms(vectors: Vectors): Float64Array {
  return Float64Array.from(vectors, norm);
}
