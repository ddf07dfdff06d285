import { UMAP } from 'umap-js';
import { ConfigError } from '../errors';
import { random } from '../tensor/random';
import { type EmbeddingQuality, embeddingQuality } from './embeddingQuality';
import { principalComponents } from './principalComponents';
import { procrustesDisparity } from './procrustes';
import type { Vectors } from './vectors';

export type ProjectionConfig = {
  /** Neighbours that UMAP keeps together, and k of the quality measures. */
  readonly neighbours: number;
  readonly minDist: number;
  /** Rounded up to a multiple of 3. */
  readonly epochs: number;
  /** The first one's map is shown, the others tell how stable it is. */
  readonly seeds: readonly number[];
};

export const projectionDefaults: ProjectionConfig = {
  neighbours: 15,
  minDist: 0.1,
  epochs: 500,
  seeds: [0, 1, 2],
};

export type Projection = {
  /** `[n, 2]`, from UMAP: who is near whom; distances between clusters and their sizes mean little. */
  readonly umap: Vectors;
  /** `[n, 2]`, the linear twin: distances are true, as far as two dimensions hold them. */
  readonly pca: Vectors;
  /** Share of the variance on each axis of `pca`. */
  readonly explained: readonly number[];
  readonly quality: { readonly umap: EmbeddingQuality; readonly pca: EmbeddingQuality };
  /** Mean Procrustes disparity between the maps of different seeds, 0 to 1; null for one seed. */
  readonly disparity: number | null;
  /** Further vectors in the fitted map, which stays as it is. */
  transform(vectors: Vectors): Vectors;
};

const lists = (vectors: Vectors): number[][] => vectors.map((vector) => Array.from(vector));
const points = (rows: readonly (readonly number[])[]): Vectors => rows.map((row) => Float32Array.from(row));

function fit(
  vectors: Vectors,
  { neighbours, minDist, epochs }: ProjectionConfig,
  seed: number,
): [UMAP, Vectors] {
  const rng = random(seed).fork('umap');
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: neighbours,
    minDist,
    // A transform takes a third of the epochs, and in umap-js never ends unless that is a whole number.
    nEpochs: 3 * Math.ceil(epochs / 3),
    random: () => rng.uniform(),
  });
  return [umap, points(umap.fit(lists(vectors)))];
}

/**
 * Maps vectors `[n, d]` to the plane: UMAP, a PCA twin, and how far both can be trusted. All vectors are fitted together,
 * so that sets can be compared. umap-js starts from random places (uniform in a square) instead of the spectral start of
 * umap-learn, and finds neighbours approximately; both depend on the seed alone.
 * Reference: McInnes et al. 2018 (arXiv 1802.03426).
 * @throws ConfigError unless there are more than twice as many vectors as neighbours.
 */
export function projection(vectors: Vectors, config: Partial<ProjectionConfig> = {}): Projection {
  const full = { ...projectionDefaults, ...config };
  const { neighbours, seeds } = full;
  if (vectors.length <= 2 * neighbours)
    throw new ConfigError(
      `projection: there must be more than ${2 * neighbours} vectors for ${neighbours} neighbours; found ${vectors.length}`,
    );
  const [first, ...others] = seeds;
  if (first === undefined) throw new ConfigError('projection: there must be at least one seed');
  const [umap, map] = fit(vectors, full, first);
  const maps = [map, ...others.map((seed) => fit(vectors, full, seed)[1])];
  const pairs = maps.flatMap((a, i) => maps.slice(i + 1).map((b) => procrustesDisparity(a, b)));
  const { points: pca, explained } = principalComponents(vectors);
  return {
    umap: map,
    pca,
    explained,
    quality: {
      umap: embeddingQuality(vectors, map, neighbours),
      pca: embeddingQuality(vectors, pca, neighbours),
    },
    disparity: pairs.length === 0 ? null : pairs.reduce((sum, value) => sum + value, 0) / pairs.length,
    transform: (further) => {
      // umap-js takes as many new points as it was fitted on for the fitted ones, and would move those.
      if (further.length !== vectors.length) return points(umap.transform(lists(further)));
      return points([further.slice(0, 1), further.slice(1)].flatMap((part) => umap.transform(lists(part))));
    },
  };
}
