import { tf } from '../tensor/backend';

/**
 * Bucket of the distance `key - query`: half of the buckets are exact, the other half grow logarithmically up to
 * `maxDistance`; two-sided (encoder) gives each sign its own half, one-sided (decoder) puts all later keys in bucket 0.
 * Reference: Raffel et al. 2020 (arXiv 1910.10683), section 2.1, as computed by transformers' T5.
 */
export function relativeBucket(
  distance: number,
  twoSided: boolean,
  numBuckets: number,
  maxDistance: number,
): number {
  const buckets = twoSided ? numBuckets >> 1 : numBuckets;
  const offset = twoSided && distance > 0 ? buckets : 0;
  const far = twoSided ? Math.abs(distance) : Math.max(0, -distance);
  const exact = buckets >> 1;
  if (far < exact) return offset + far;
  const grown =
    exact + Math.floor((Math.log(far / exact) / Math.log(maxDistance / exact)) * (buckets - exact));
  return offset + Math.min(grown, buckets - 1);
}

/**
 * Relative position bias `[1, numHeads, queryLength, keyLength]` from a stack's table `[numBuckets, numHeads]`; queries
 * stand at positions `firstQuery`, `firstQuery + 1`, ... A product with one-hot buckets, so that its gradient runs
 * everywhere.
 */
export function positionBias(
  table: tf.Tensor2D,
  queryLength: number,
  keyLength: number,
  options: { readonly twoSided: boolean; readonly maxDistance: number; readonly firstQuery?: number },
): tf.Tensor4D {
  const [numBuckets, numHeads] = table.shape;
  const first = options.firstQuery ?? 0;
  const buckets = new Int32Array(queryLength * keyLength);
  for (let q = 0; q < queryLength; q++)
    for (let k = 0; k < keyLength; k++)
      buckets[q * keyLength + k] = relativeBucket(
        k - q - first,
        options.twoSided,
        numBuckets,
        options.maxDistance,
      );
  return tf.tidy(() =>
    tf
      .matMul(table, tf.oneHot(tf.tensor1d(buckets, 'int32'), numBuckets), true, true)
      .reshape([1, numHeads, queryLength, keyLength]),
  );
}
