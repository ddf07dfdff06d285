import { ConfigError } from '../errors';
import { random } from '../tensor/random';
import { anisotropy } from './anisotropy';
import { centroidGap } from './centroidGap';
import { centroidGapNormalised } from './centroidGapNormalised';
import { cosineOfCentroids } from './cosineOfCentroids';
import { effectiveRank } from './effectiveRank';
import { energyDistance } from './energyDistance';
import { floorOf, floorSamples } from './floor';
import { frechetDistance } from './frechetDistance';
import { hubness } from './hubness';
import { isoScore } from './isoScore';
import { jackknifeInterval } from './jackknife';
import { knnPurity } from './knnPurity';
import { range, type Measure, type Statistic } from './measure';
import { mmdSquared } from './mmdSquared';
import { nearestTokenCosine } from './nearestTokenCosine';
import { normRatio } from './normRatio';
import { permutationP, relabellings, type Relabellings } from './permutation';
import { probeAccuracy } from './probeAccuracy';
import { probeAuc } from './probeAuc';
import { slicedWasserstein } from './slicedWasserstein';
import { blocksOf, space, type Space, subspace } from './space';
import { assertComparable, type Vectors } from './vectors';

/** Every measure of the gap by its name in files and on the command line: one file each. */
export const gapMeasures = {
  centroidGap,
  centroidGapNormalised,
  cosineOfCentroids,
  normRatio,
  mmdSquared,
  energyDistance,
  slicedWasserstein,
  frechetDistance,
  probeAccuracy,
  probeAuc,
  knnPurity,
  nearestTokenCosine,
  anisotropy,
  isoScore,
  effectiveRank,
  hubness,
} satisfies Readonly<Record<string, Measure>>;

export type GapMeasure = keyof typeof gapMeasures;

/** What a measure says. */
export type Measured = {
  /** Null where it is undefined for these vectors; `reason` says why. */
  readonly value: number | null;
  /** 95 % for the measure's expectation at these sizes, of one run; null where none holds, and `reason` says why. */
  readonly interval: readonly [number, number] | null;
  /** Of a permutation test of equal distributions; null where none makes sense. */
  readonly pValue: number | null;
  /** The same measure between two samples of the inputs, a mean over draws; null where there is none. */
  readonly floor: number | null;
  readonly reason?: string;
};

/** Each measure between a prompt and the inputs, and how many vectors it compares. */
export type EmbeddingGap<Name extends GapMeasure = GapMeasure> = {
  readonly measures: Readonly<Record<Name, Measured>>;
  readonly n: { readonly prompt: number; readonly inputs: number };
};

export type GapOptions<Name extends GapMeasure = GapMeasure> = {
  /** The measures wanted (default: all). */
  readonly measures?: readonly Name[];
  /** The unit of each vector, e.g. its sentence: units are resampled, not vectors. Without them each is its own. */
  readonly units?: { readonly prompt?: ArrayLike<number>; readonly inputs?: ArrayLike<number> };
  /**
   * Further input vectors, as many as the prompt has, for the floor alone: with them both its samples have the sizes of
   * prompt and inputs. Without them the sample that stands for the prompt is taken out of the inputs.
   */
  readonly reserve?: { readonly vectors: Vectors; readonly units?: ArrayLike<number> };
  /** Relabellings of each permutation test (default 999; 0 = no test). */
  readonly permutations?: number;
  /** Draws of the floor (default 20, dear measures fewer; 0 = no floor). */
  readonly floorDraws?: number;
  /** Give intervals (default true). */
  readonly intervals?: boolean;
  readonly seed?: number;
};

/** The prompt, the inputs and the reserve in one space, so that scalar products are computed once. */
function wholeSpace(prompt: Vectors, inputs: Vectors, { units, reserve }: GapOptions): Space {
  return space(prompt, [...inputs, ...(reserve?.vectors ?? [])], {
    ...(units?.prompt === undefined ? {} : { prompt: units.prompt }),
    inputs: [
      ...Array.from(inputs, (_, i) => units?.inputs?.[i] ?? i),
      // A reserve without units is of its own: it shares none with the inputs.
      ...Array.from(reserve?.vectors ?? [], (_, i) => reserve?.units?.[i] ?? -1 - i),
    ],
  });
}

/** The interval of a measure's value, or why there is none. */
export function intervalOf(
  measure: Measure,
  statistic: Statistic,
  blocks: ReturnType<typeof blocksOf>,
): { readonly interval: Measured['interval']; readonly reason?: string } {
  const { without } = statistic;
  if (measure.withoutInterval !== undefined || without === undefined)
    return { interval: null, reason: `no interval: ${measure.withoutInterval ?? 'none is made'}` };
  const [p, x] = blocks;
  const few = { interval: null, reason: 'no interval: a set has fewer than 3 units' } as const;
  if (p.length < 3 || x.length < 3) return few;
  const interval = jackknifeInterval(statistic.value, [p.map(without), x.map(without)], measure.range);
  return interval === null
    ? { interval, reason: 'no interval: the measure is undefined without one of the units' }
    : { interval };
}

/** The p-value of a measure's permutation test; null where it has none or is undefined for what is exchanged. */
export function pValueOf(
  measure: Measure,
  { space: pool, units, draws }: Relabellings,
  seed: number,
): number | null {
  if (measure.tail === null || draws.length === 0) return null;
  if (measure.test !== undefined)
    return measure.test(pool, units, draws.length, random(seed).fork('held-out test'));
  const statistic = measure.of(pool);
  return 'reason' in statistic ? null : permutationP(statistic, measure.tail, draws);
}

/**
 * The gap between prompt vectors `[n, d]` and input vectors `[m, d]`, by every measure or some. Intervals and tests speak
 * of one run and its vectors: a statement about methods has runs as its unit.
 * @throws ShapeError if a set is empty or the dimensions differ.
 * @throws DataError if a vector holds NaN or infinity.
 * @throws ConfigError for a measure that does not exist.
 */
export function embeddingGap<Name extends GapMeasure = GapMeasure>(
  prompt: Vectors,
  inputs: Vectors,
  options: GapOptions<Name> = {},
): EmbeddingGap<Name> {
  const { permutations = 999, intervals = true, seed = 0 } = options;
  const names = options.measures ?? (Object.keys(gapMeasures) as Name[]);
  const unknown = names.find((name) => !Object.hasOwn(gapMeasures, name));
  if (unknown !== undefined)
    throw new ConfigError(
      `measure: must be one of ${Object.keys(gapMeasures).join(', ')}; found '${unknown}'`,
    );
  assertComparable('embeddingGap', prompt, [...inputs, ...(options.reserve?.vectors ?? [])]);
  const whole = wholeSpace(prompt, inputs, options);
  const both = subspace(whole, range(0, prompt.length + inputs.length), prompt.length);
  const drawn = relabellings(both, permutations, random(seed).fork('permutations'));
  const { floorDraws = 20 } = options;
  const floor = floorSamples(whole, floorDraws, random(seed).fork('floor'));
  const blocks = blocksOf(both);
  const measured = names.map((name): [Name, Measured] => {
    const measure: Measure = gapMeasures[name];
    const floorValue = floor === null ? null : floorOf(measure, floor);
    const statistic = measure.of(both);
    if ('reason' in statistic)
      return [
        name,
        { value: null, interval: null, pValue: null, floor: floorValue, reason: statistic.reason },
      ];
    const { interval, reason } = intervals
      ? intervalOf(measure, statistic, blocks)
      : { interval: null, reason: undefined };
    return [
      name,
      {
        value: statistic.value,
        interval,
        pValue: pValueOf(measure, drawn, seed),
        floor: floorValue,
        ...(reason === undefined ? {} : { reason }),
      },
    ];
  });
  return {
    measures: Object.fromEntries(measured) as Readonly<Record<Name, Measured>>,
    n: { prompt: prompt.length, inputs: inputs.length },
  };
}
