import { effectiveChange } from '../analysis/effectiveChange';
import { embeddingGap, type GapMeasure } from '../analysis/embeddingGap';
import { scalesOf } from '../analysis/interventions';
import { promptVectors } from '../analysis/promptVectors';
import { norms, type Vectors } from '../analysis/vectors';
import { quantile } from '../metrics/bootstrapInterval';
import { tf } from '../tensor/backend';
import { readRun } from '../training/runStore';
import type { TrajectoryRecord } from './gapRecords';
import { readSnapshots } from './runSnapshots';

/** Measures that are followed along training. */
const measures: readonly GapMeasure[] = ['centroidGap', 'centroidGapNormalised', 'normRatio', 'mmdSquared'];

type Quantity = Pick<TrajectoryRecord, 'quantity' | 'value' | 'quartiles'>;

/** Median and quartiles of a number that each token has. */
function overTokens(quantity: string, values: ArrayLike<number>): Quantity {
  const sorted = Float64Array.from(values).sort();
  return {
    quantity,
    value: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
  };
}

/**
 * A run along its training, at the steps whose parameters its folder keeps: scale and norms of its tokens, the gap, and
 * how far s * P moved since the step before, split into what the scale and what P did. Empty where no step was kept.
 *
 * @param inputs the input vectors that the gap is measured to.
 */
export async function trajectoryOfRun(
  folder: string,
  inputs: Vectors,
): Promise<readonly Omit<TrajectoryRecord, 'task'>[]> {
  const { method, seed } = readRun(folder).config;
  const isScaled = method['scaling'] !== undefined;
  const kept = await readSnapshots(folder);
  const snapshots = [];
  try {
    for (const { step, params } of kept) snapshots.push({ step, ...(await promptVectors(method, params)) });
  } finally {
    kept.forEach(({ params }) => tf.dispose(params));
  }
  const changes = new Map(effectiveChange(snapshots).map((change) => [change.step, change]));
  return snapshots.flatMap(({ step, prompt, scaled }) => {
    const gap = embeddingGap(scaled, inputs, { measures, permutations: 0, floorDraws: 0, intervals: false });
    const change = changes.get(step);
    const quantities: Quantity[] = [
      ...(isScaled ? [overTokens('scale', scalesOf(prompt, scaled))] : []),
      overTokens('norm', norms(prompt)),
      ...(isScaled ? [overTokens('scaledNorm', norms(scaled))] : []),
      ...measures.flatMap((measure) => {
        const { value } = gap.measures[measure];
        return value === null ? [] : [{ quantity: measure, value }];
      }),
      ...(change === undefined
        ? []
        : [
            ...(isScaled ? [{ quantity: 'changeOfScale', value: change.scale }] : []),
            { quantity: 'changeOfPrompt', value: change.prompt },
            overTokens('path', change.paths),
          ]),
    ];
    return quantities.map((quantity) => ({ method: method.method, seed, step, ...quantity }));
  });
}
