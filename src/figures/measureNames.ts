import type { GapMeasure } from '../analysis/embeddingGap';

/** What each measure is called in figures: short enough for a panel's heading. */
export const measureNames: Readonly<Record<GapMeasure, string>> = {
  centroidGap: 'Centroid gap',
  centroidGapNormalised: 'Centroid gap, directions',
  cosineOfCentroids: 'Cosine of centroids',
  normRatio: 'Norm ratio',
  mmdSquared: 'MMD²',
  energyDistance: 'Energy distance',
  slicedWasserstein: 'Sliced Wasserstein-2',
  frechetDistance: 'Fréchet distance',
  probeAccuracy: 'Linear probe, accuracy',
  probeAuc: 'Linear probe, AUC',
  knnPurity: 'k-NN purity',
  nearestTokenCosine: 'Nearest-token cosine',
  anisotropy: 'Anisotropy',
  isoScore: 'IsoScore',
  effectiveRank: 'Effective rank',
  hubness: 'Hubness',
};

/** A measure's name; one that is none of the gap's (a mass, a norm) keeps its own. */
export function measureName(measure: string): string {
  return Object.hasOwn(measureNames, measure) ? measureNames[measure as GapMeasure] : measure;
}
