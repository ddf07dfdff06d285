import { ShapeError } from '../errors';
import type { tf } from '../tensor/backend';
import { shapeText } from '../tensor/shape';

/** A set of n vectors in d dimensions, one array each; what every measure takes. */
export type Vectors = readonly Float32Array[];

/** A measure's value, or null and the reason why it is undefined for these vectors. */
export type Measured =
  { readonly value: number; readonly reason?: never } | { readonly value: null; readonly reason: string };

/** The rows of a matrix `[n, d]`. */
export async function vectorsOf(matrix: tf.Tensor2D): Promise<Vectors> {
  const [n, d] = matrix.shape;
  const values = (await matrix.data()) as Float32Array;
  return Array.from({ length: n }, (_, row) => values.slice(row * d, (row + 1) * d));
}

/**
 * Requires two sets to be comparable.
 * @throws ShapeError if a set is empty or their dimensions differ.
 */
export function assertComparable(where: string, prompt: Vectors, inputs: Vectors): void {
  const [p, x] = [prompt[0], inputs[0]];
  if (p === undefined || x === undefined)
    throw new ShapeError(
      `${where}: both sets must hold vectors; found ${prompt.length} and ${inputs.length}`,
    );
  if ([...prompt, ...inputs].every((vector) => vector.length === p.length)) return;
  throw new ShapeError(
    `${where}: dimensions must match; prompt ${shapeText([prompt.length, p.length])}, inputs ${shapeText([inputs.length, x.length])}`,
  );
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

/** The mean vector, summed in double precision; each vector first times its weight, where weights are given. */
export function centroid(vectors: Vectors, weights?: Float64Array): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, row) => {
    const weight = weights?.[row] ?? 1;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (vector[i] as number);
  });
  return sum.map((value) => value / vectors.length);
}
