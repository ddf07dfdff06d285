import { random, type Random } from '../tensor/random';
import { type GapMeasure, gapMeasures, intervalOf, pValueOf } from './embeddingGap';
import type { Measure } from './measure';
import { relabellings } from './permutation';
import { directions } from './slicedWasserstein';
import { blocksOf, space, type Space } from './space';
import type { Vectors } from './vectors';

/** How a planted set differs from the inputs. */
export type Change = 'shift' | 'scale' | 'rotation';

/** Two samples of one distribution, or of two that differ by a planted change. */
export type Design = {
  readonly name: string;
  /** What is asked of its draws: how often tests reject, whether intervals cover, or how often a change is found. */
  readonly asks: 'rejection' | 'coverage' | 'power';
  readonly draws: number;
  readonly prompt: number;
  readonly inputs: number;
  readonly d: number;
  /** Which sets come in sentences of 10 tokens that share a part. */
  readonly sentences: 'none' | 'inputs' | 'both';
  readonly change?: { readonly kind: Change; readonly size: number };
  readonly permutations: number;
};

const SENTENCE = 10;
/** Share of a token's variance that its sentence has in common. */
const SHARED = 0.3;

const apart = { kind: 'shift', size: 3 } as const;
const usual = { prompt: 50, inputs: 300, d: 128 } as const;

/** Sizes of each change from small to large, for the power curves. */
export const changeSizes: Readonly<Record<Change, readonly number[]>> = {
  shift: [1, 2, 4, 8],
  scale: [0.1, 0.2, 0.4, 0.8],
  rotation: [0.1, 0.2, 0.4, 0.8],
};

/** All that `npm run calibrate` draws. */
export const designs: readonly Design[] = [
  ...(['none', 'inputs', 'both'] as const).map((sentences) => ({
    ...usual,
    name: `one distribution, sentences: ${sentences}`,
    asks: 'rejection' as const,
    draws: 2000,
    sentences,
    permutations: 199,
  })),
  ...(['none', 'inputs', 'both'] as const).flatMap((sentences) =>
    [undefined, apart].map((change) => ({
      ...usual,
      name: `${change === undefined ? 'one distribution' : 'apart'}, sentences: ${sentences}`,
      asks: 'coverage' as const,
      draws: 1000,
      sentences,
      permutations: 0,
      ...(change === undefined ? {} : { change }),
    })),
  ),
  ...(Object.keys(changeSizes) as Change[]).flatMap((kind) =>
    changeSizes[kind].map((size) => ({
      name: `${kind} ${size}`,
      asks: 'power' as const,
      draws: 200,
      prompt: 50,
      inputs: 2000,
      d: 128,
      sentences: 'inputs' as const,
      change: { kind, size },
      permutations: 199,
    })),
  ),
];

/** Standard deviation of a dimension: embeddings' spectra fall off. */
const deviation = (k: number): number => 1.5 / Math.sqrt(1 + k / 16);
/** Their mean is not zero either, so that angles have a meaning. */
const MEAN = 0.3;

function tokens(n: number, d: number, inSentences: boolean, rng: Random): Float32Array[] {
  let shared = new Float64Array(d);
  const [own, common] = inSentences ? [Math.sqrt(1 - SHARED), Math.sqrt(SHARED)] : [1, 0];
  return Array.from({ length: n }, (_, i) => {
    if (inSentences && i % SENTENCE === 0) shared = Float64Array.from({ length: d }, () => rng.normal());
    return Float32Array.from(
      { length: d },
      (_, k) => MEAN + deviation(k) * (own * rng.normal() + common * (shared[k] as number)),
    );
  });
}

/** Plants a change: a step along one fixed direction, a factor 1 + size, or a turn by an angle in many planes. */
function planted(vector: Float32Array, { kind, size }: NonNullable<Design['change']>): Float32Array {
  const d = vector.length;
  if (kind === 'scale') return vector.map((value) => (1 + size) * value);
  if (kind === 'shift') {
    const line = directions(d);
    return vector.map((value, k) => value + size * (line[k] as number));
  }
  const half = Math.floor(d / 2);
  const [cosine, sine] = [Math.cos(size), Math.sin(size)];
  const turned = vector.slice();
  for (let k = 0; k < half; k++) {
    const [a, b] = [vector[k] as number, vector[half + k] as number];
    turned[k] = cosine * a - sine * b;
    turned[half + k] = sine * a + cosine * b;
  }
  return turned;
}

/** The two samples of one draw. */
export function drawSets(
  { prompt, inputs, d, sentences, change }: Design,
  rng: Random,
): {
  readonly prompt: Vectors;
  readonly inputs: Vectors;
  readonly units: { readonly prompt?: number[]; readonly inputs?: number[] };
} {
  const unit = (_: unknown, i: number): number => Math.floor(i / SENTENCE);
  const plain = tokens(prompt, d, sentences === 'both', rng);
  return {
    prompt: change === undefined ? plain : plain.map((vector) => planted(vector, change)),
    inputs: tokens(inputs, d, sentences !== 'none', rng),
    units: {
      ...(sentences === 'both' ? { prompt: Array.from({ length: prompt }, unit) } : {}),
      ...(sentences === 'none' ? {} : { inputs: Array.from({ length: inputs }, unit) }),
    },
  };
}

/** What one draw says of each measure: a p-value, or value and interval; null where it has none. */
export type DrawResult = Readonly<Partial<Record<GapMeasure, readonly number[]>>>;

/** Draw number `index` of a design; the same numbers whenever and wherever it is drawn. */
export function calibrationDraw(design: Design, index: number): DrawResult {
  const rng = random('calibration').fork(`${design.asks}: ${design.name}`).fork(index);
  const sets = drawSets(design, rng);
  const both = space(sets.prompt, sets.inputs, sets.units);
  return design.asks === 'coverage' ? intervalsOf(both) : pValuesOf(both, design.permutations, rng, index);
}

function intervalsOf(both: Space): DrawResult {
  const blocks = blocksOf(both);
  return each((measure) => {
    if (measure.withoutInterval !== undefined) return null;
    const statistic = measure.of(both);
    if ('reason' in statistic) return null;
    const { interval } = intervalOf(measure, statistic, blocks);
    return interval === null ? null : [statistic.value, ...interval];
  });
}

function pValuesOf(both: Space, permutations: number, rng: Random, seed: number): DrawResult {
  const drawn = relabellings(both, permutations, rng.fork('permutations'));
  return each((measure) => {
    const p = pValueOf(measure, drawn, seed);
    return p === null ? null : [p];
  });
}

function each(of: (measure: Measure) => readonly number[] | null): DrawResult {
  return Object.fromEntries(
    (Object.keys(gapMeasures) as GapMeasure[]).flatMap((name) => {
      const result = of(gapMeasures[name]);
      return result === null ? [] : [[name, result] as const];
    }),
  );
}

/** A measure in a design: how many draws it has, and the share that the design asks for. */
export type CalibrationRow = {
  readonly asks: Design['asks'];
  readonly design: string;
  readonly measure: GapMeasure;
  readonly draws: number;
  /** Share of tests with p <= 0.05, or of intervals that hold the mean of the values over all draws. */
  readonly share: number;
  /** Whether the share is what the measure promises; null where it promises nothing of a change of this size. */
  readonly holds: boolean | null;
};

/** Tests of statistics with few values may reject less often than 5 %. */
const discrete: readonly GapMeasure[] = ['knnPurity', 'probeAccuracy'];

/**
 * Measures that cannot see a change whatever its size, and those that see it in some shapes only: a linear probe sees a
 * factor by the mean that it moves, and a wide set around a tight one has neighbours in the tight one.
 */
export const sight: Readonly<
  Record<Change, { readonly blind: readonly GapMeasure[]; readonly faint: readonly GapMeasure[] }>
> = {
  shift: { blind: [], faint: [] },
  scale: {
    blind: ['centroidGapNormalised', 'cosineOfCentroids', 'nearestTokenCosine'],
    faint: ['probeAccuracy', 'probeAuc', 'knnPurity'],
  },
  rotation: { blind: ['normRatio'], faint: [] },
};

function holds({ asks, change }: Design, measure: GapMeasure, share: number): boolean | null {
  if (asks === 'coverage') return share >= 0.92;
  if (asks === 'rejection') return share <= 0.065 && (share >= 0.035 || discrete.includes(measure));
  if (change === undefined) return null;
  const { blind, faint } = sight[change.kind];
  if (blind.includes(measure)) return share <= 0.1;
  const isLargest = change.size === changeSizes[change.kind].at(-1);
  return isLargest && !faint.includes(measure) ? share >= 0.8 : null;
}

/** The rows of one design's draws. */
export function calibrationRows(design: Design, results: readonly DrawResult[]): CalibrationRow[] {
  const { asks, name } = design;
  return (Object.keys(gapMeasures) as GapMeasure[]).flatMap((measure) => {
    const found = results.flatMap((result) => (result[measure] === undefined ? [] : [result[measure]]));
    if (found.length === 0) return [];
    const mean = found.reduce((sum, [value]) => sum + (value as number), 0) / found.length;
    const hits = found.filter((numbers) => {
      if (asks !== 'coverage') return (numbers[0] as number) <= 0.05;
      const [, low, high] = numbers as [number, number, number];
      return low <= mean && mean <= high;
    });
    const share = hits.length / found.length;
    return [
      { asks, design: name, measure, draws: found.length, share, holds: holds(design, measure, share) },
    ];
  });
}
