import { ConfigError } from '../errors';
import { nearest, space } from './space';
import type { Vectors } from './vectors';

/** How well a map keeps who is near whom; each from 0 to 1, 1 = kept. */
export type EmbeddingQuality = {
  /** Neighbours on the map are neighbours in truth. */
  readonly trustworthiness: number;
  /** Neighbours in truth are neighbours on the map. */
  readonly continuity: number;
  /** Mean share of the k nearest that are the same in both. */
  readonly neighbourhoodPreservation: number;
  readonly k: number;
};

/** Penalises points among another's k nearest in `shown` by how far they are beyond its k nearest in `truth`. */
function trust(truth: Float64Array, shown: Int32Array, n: number, k: number): number {
  let penalty = 0;
  for (let i = 0; i < n; i++)
    for (let place = 0; place < k; place++) {
      const j = shown[i * k + place] as number;
      const own = truth[i * n + j] as number;
      // The rank of j among i's neighbours: those nearer, or as near and listed before.
      let rank = 1;
      for (let other = 0; other < n; other++) {
        if (other === i || other === j) continue;
        const distance = truth[i * n + other] as number;
        if (distance < own || (distance === own && other < j)) rank++;
      }
      penalty += Math.max(0, rank - k);
    }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1));
}

/**
 * Trustworthiness, continuity and neighbourhood preservation of a map `[n, e]` of vectors `[n, d]`, Euclidean.
 * Reference: Venna and Kaski 2001, "Neighborhood Preservation in Nonlinear Projection Methods", equations 1 and 2.
 * @throws ConfigError unless k is below n / 2.
 */
export function embeddingQuality(vectors: Vectors, map: Vectors, k: number): EmbeddingQuality {
  const n = vectors.length;
  if (k < 1 || k >= n / 2)
    throw new ConfigError(`embeddingQuality: k must be at least 1 and below n / 2 = ${n / 2}; found ${k}`);
  const [truth, shown] = [vectors, map].map((set) => space(set, []).distances()) as [
    Float64Array,
    Float64Array,
  ];
  const [near, nearOnMap] = [nearest(truth, n, k), nearest(shown, n, k)];
  let same = 0;
  for (let i = 0; i < n; i++) {
    const own = new Set(near.subarray(i * k, (i + 1) * k));
    for (const j of nearOnMap.subarray(i * k, (i + 1) * k)) if (own.has(j)) same++;
  }
  return {
    trustworthiness: trust(truth, nearOnMap, n, k),
    continuity: trust(shown, near, n, k),
    neighbourhoodPreservation: same / (n * k),
    k,
  };
}
