import { embeddingGap, type GapMeasure } from '../analysis/embeddingGap';
import { inputVectors } from '../analysis/inputVectors';
import type { PromptIntervention } from '../analysis/interventions';
import { promptVectors } from '../analysis/promptVectors';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { loadAdapter } from '../training/runStore';
import { encodeExamples } from './encodeText';
import { gapExcess } from './gapExcess';
import type { InterventionRecord } from './gapRecords';
import { interventionCurve } from './interventionCurve';

/** Measures of the gap that interventions are held against: what moves with length, with direction, with both. */
const measures = [
  'centroidGap',
  'centroidGapNormalised',
  'normRatio',
  'mmdSquared',
  'energyDistance',
] as const satisfies readonly GapMeasure[];

/** Prompt times one: the run as it is. */
const unchanged: PromptIntervention = { kind: 'multiply', factor: 1 };

const isUnchanged = (intervention: PromptIntervention): boolean =>
  intervention.kind === 'multiply' && intervention.factor === 1;

/** How much of an intervention; 0 where it has no degree. */
function strengthOf(intervention: PromptIntervention): number {
  if ('factor' in intervention) return intervention.factor;
  return 'fraction' in intervention ? intervention.fraction : 0;
}

/** What each measure gives between input tokens and as many others as the prompt has, for these inputs. */
async function floors(
  model: T5,
  folder: string,
  examples: readonly Example[],
): Promise<Readonly<Partial<Record<string, number | null>>>> {
  const { config, params } = await loadAdapter(folder);
  try {
    const { scaled } = await promptVectors(config.method, params);
    const sources = encodeExamples(model, examples).map(({ source }) => source);
    const found = embeddingGap(scaled, await inputVectors(model, sources), {
      measures,
      permutations: 0,
      intervals: false,
      units: { inputs: sources.flatMap((source, sentence) => source.map(() => sentence)) },
    });
    return Object.fromEntries(measures.map((measure) => [measure, found.measures[measure].floor]));
  } finally {
    tf.dispose(params);
  }
}

/**
 * A finished run as it is and after interventions on its prompt: gap with its distance from the floor, BLEU and loss.
 * Without interventions, the run as it is alone.
 */
export async function interventionsOfRun(
  model: T5,
  folder: string,
  examples: readonly Example[],
  interventions: readonly PromptIntervention[],
): Promise<readonly Omit<InterventionRecord, 'task' | 'method' | 'seed'>[]> {
  const points = await interventionCurve(model, folder, examples, {
    interventions: [unchanged, ...interventions.filter((intervention) => !isUnchanged(intervention))],
    metrics: ['bleu'],
    measures,
    seed: 0,
  });
  const floor = await floors(model, folder, examples);
  return points.map(({ intervention, gap, loss, scores }) => ({
    intervention: isUnchanged(intervention) ? 'none' : intervention.kind,
    strength: strengthOf(intervention),
    gaps: Object.fromEntries(
      measures.map((measure) => {
        const value = gap[measure] ?? null;
        return [measure, { value, excess: gapExcess({ measure, value, floor: floor[measure] ?? null }) }];
      }),
    ),
    bleu: scores['bleu'] ?? NaN,
    loss,
  }));
}
