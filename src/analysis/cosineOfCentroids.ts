import { assertComparable, centroid, norm, type Measured, type Vectors } from './vectors';

/**
 * Cosine of the angle between the two sets' centroids, from -1 to 1; 1 = same direction. Undefined where a centroid is
 * zero.
 * @throws ShapeError if a set is empty or the dimensions differ.
 */
export function cosineOfCentroids(prompt: Vectors, inputs: Vectors): Measured {
  assertComparable('cosineOfCentroids', prompt, inputs);
  const [p, x] = [centroid(prompt), centroid(inputs)];
  const lengths = norm(p) * norm(x);
  if (lengths === 0) return { value: null, reason: 'a centroid is zero and has no direction' };
  return { value: p.reduce((sum, value, i) => sum + value * (x[i] as number), 0) / lengths };
}
