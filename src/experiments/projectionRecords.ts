import type { GapSet } from './gapRecords';

/** What a point of a map stands for. */
export type ProjectedSet = GapSet | 'inputs';

/** One vector's place in a map, and what hovering over it tells. */
export type ProjectedPoint = {
  readonly set: ProjectedSet;
  readonly x: number;
  readonly y: number;
  /** The token of an input or vocabulary vector; absent for prompt vectors. */
  readonly token?: string;
  /** The prompt position; arrows join the same position before and after. */
  readonly position?: number;
  readonly scale?: number;
  /** The vocabulary's tokens nearest by cosine. */
  readonly nearest?: readonly string[];
};

/** How far a map can be trusted; each from 0 to 1, 1 = best. */
export type MapQuality = {
  readonly trustworthiness: number;
  readonly continuity: number;
  /** Share of each point's neighbours that are its neighbours in the map. */
  readonly neighbourhood: number;
  /** Agreement of further seeds' maps with this one (1 - Procrustes' disparity); null for a map without chance. */
  readonly stability: number | null;
};

export type ProjectedMap = {
  readonly kind: 'umap' | 'pca';
  /** Which place of the model it shows: 0 is what enters block 0, i what leaves block i - 1. */
  readonly layer: number;
  readonly points: readonly ProjectedPoint[];
  readonly quality: MapQuality;
};
