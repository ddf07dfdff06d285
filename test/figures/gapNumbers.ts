import type { GapMeasure } from '../../src/analysis/embeddingGap';
import type {
  GapRecord,
  GapSet,
  HeadRecord,
  InterventionRecord,
  TrajectoryRecord,
} from '../../src/experiments/gapRecords';
import type { MapPoint, SiteMap } from '../../src/experiments/projectRun';
import { hostile } from './exampleFigure';

/** What stands under made-up figures; its text is hostile. */
export const source = { preset: 'mini', n: hostile, seeds: [1, 2] } as const;

/** A record of a measure at one place: by default defined, with interval and floor. */
export function gapRecord(
  set: GapSet,
  seed: number,
  value: number | null,
  more: Partial<GapRecord> = {},
): GapRecord {
  return {
    ...{ task: 'mini-e2e', set, seed, layer: 0, measure: 'centroidGap' as GapMeasure },
    ...{ value, interval: value === null ? null : ([value - 1, value + 2] as const) },
    ...{ pValue: 0.005, floor: 1 },
    ...more,
  };
}

/** Numbers of each head: `10 layer + head`. */
export function headRecords(layers: number, heads: number, part: string): HeadRecord[] {
  return Array.from({ length: layers * heads }, (_, i) => {
    const [layer, head] = [Math.floor(i / heads) + 1, i % heads];
    return {
      ...{ task: hostile, set: 'scaled' as const, seed: 1, layer, head, part },
      ...{ measure: 'centroidGap', value: 10 * layer + head },
    };
  });
}

export function trajectoryRecord(
  method: string,
  seed: number,
  step: number,
  value: number,
  more: Partial<TrajectoryRecord> = {},
): TrajectoryRecord {
  return { task: 'mini-e2e', method, seed, step, quantity: 'scale', value, ...more };
}

/** A run under an intervention: its gap, BLEU and loss. */
export function interventionRecord(
  intervention: string,
  strength: number,
  [gap, bleu, loss]: readonly [gap: number | null, bleu: number, loss: number],
  seed = 1,
): InterventionRecord {
  const excess = gap;
  return {
    ...{ task: 'mini-e2e', method: 'scaled-prompt-tuning', seed, intervention, strength, bleu, loss },
    gaps: { centroidGap: { value: gap === null ? null : gap + 1, excess } },
  };
}

const quality = { trustworthiness: 0.9, continuity: 0.95, neighbourhoodPreservation: 0.4, k: 15 };

/** A map of one input token, one prompt vector before and after its scale, and a vocabulary token. */
export function siteMap(layer: number | null, isScaled: boolean): SiteMap {
  const point = (set: MapPoint['set'], umap: readonly number[], more: Partial<MapPoint> = {}): MapPoint => ({
    ...{ set, index: 0, umap, pca: [10 * (umap[0] ?? 0), 0], norm: 1.5, tokens: [{ text: hostile }] },
    ...more,
  });
  const near = [
    { text: hostile, cosine: 0.5 },
    { text: 'b', cosine: 0.25 },
  ];
  return {
    ...{ site: 'encoder.embed' as const, layer, explained: [0.5, 0.25], disparity: 0.125 },
    quality: { umap: quality, pca: { ...quality, trustworthiness: 0.7 } },
    points: [
      point('inputs', [0, 0]),
      point('vocabulary', [1, 1]),
      point('prompt', [4, 2], { tokens: near, ...(isScaled ? { scale: 0.5 } : {}) }),
      ...(isScaled ? [point('scaled', [2, 1], { tokens: near, scale: 0.5 })] : []),
    ],
  };
}
