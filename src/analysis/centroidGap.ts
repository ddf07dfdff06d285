import { assertComparable, centroid, norm, norms, type Measured, type Vectors } from './vectors';

/** Distance of two centroids, each vector first times its weight. */
function distance(
  prompt: Vectors,
  inputs: Vectors,
  weights: readonly [Float64Array?, Float64Array?] = [],
): number {
  const to = centroid(inputs, weights[1]);
  return norm(centroid(prompt, weights[0]).map((value, i) => value - (to[i] as number)));
}

/**
 * Distance of the two sets' centroids, |mean(prompt) - mean(inputs)|, in the embeddings' own units.
 * @throws ShapeError if a set is empty or the dimensions differ.
 */
export function centroidGap(prompt: Vectors, inputs: Vectors): Measured {
  assertComparable('centroidGap', prompt, inputs);
  return { value: distance(prompt, inputs) };
}

/**
 * Distance of the centroids of the L2-normalised vectors: only directions count, so multiplying a set changes nothing.
 * Undefined where a vector is zero.
 * Reference: Liang et al. 2022, "Mind the Gap" (arXiv 2203.02053), section 2.
 */
export function centroidGapNormalised(prompt: Vectors, inputs: Vectors): Measured {
  assertComparable('centroidGapNormalised', prompt, inputs);
  const weights = [norms(prompt), norms(inputs)] as const;
  if (weights.some((lengths) => lengths.includes(0)))
    return { value: null, reason: 'a vector is zero and has no direction' };
  const [p, x] = weights;
  return {
    value: distance(prompt, inputs, [p.map((length) => 1 / length), x.map((length) => 1 / length)]),
  };
}
