import { embeddingGap, type GapMeasure } from '../analysis/embeddingGap';
import { inputVectors } from '../analysis/inputVectors';
import { intervene, interventionName, type PromptIntervention } from '../analysis/interventions';
import { nearestTokens } from '../analysis/nearestTokens';
import { promptVectors } from '../analysis/promptVectors';
import type { Vectors } from '../analysis/vectors';
import { type EncodedExample, seq2SeqBatch } from '../model/batch';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { evaluate } from '../training/evaluate';
import type { GenerateOptions } from '../training/generateSorted';
import { runLosses } from '../training/loss';
import { loadAdapter } from '../training/runStore';
import { promptTuning } from '../tuning/promptTuning';
import { stackParams } from '../tuning/stack';
import { encodeExamples } from './encodeText';
import { checkTrainedOn } from './loadTuning';

/** The interventions of the study; the first changes nothing. */
export const standardInterventions: readonly PromptIntervention[] = [
  ...[1, 0.25, 0.5, 0.75, 1.5, 2, 4].map((factor) => ({ kind: 'multiply' as const, factor })),
  { kind: 'matchNorm' },
  ...[0.25, 0.5, 0.75, 1].map((fraction) => ({ kind: 'moveCentroid' as const, fraction })),
  ...[1, 2, 3].map((seed) => ({ kind: 'shuffleScales' as const, seed })),
  ...[0.25, 0.5, 1].map((fraction) => ({ kind: 'nearestTokens' as const, fraction })),
  ...[1, 2].map((seed) => ({ kind: 'rotate' as const, seed })),
];

/** Gap, loss and score of one run's prompt after an intervention. */
export type InterventionPoint = {
  readonly intervention: PromptIntervention;
  readonly name: string;
  readonly gap: Readonly<Partial<Record<GapMeasure, number | null>>>;
  /** Mean loss of a target token, the decoder reading the true target. */
  readonly loss: number;
  /** Corpus scores by metric. */
  readonly scores: Readonly<Record<string, number>>;
};

export type InterventionOptions = {
  readonly interventions: readonly PromptIntervention[];
  readonly metrics: readonly string[];
  readonly measures: readonly GapMeasure[];
  readonly generate?: GenerateOptions;
  readonly seed: number;
  readonly onProgress?: (name: string) => void;
};

async function meanLoss(
  model: T5,
  prompt: tf.Tensor2D,
  examples: readonly EncodedExample[],
): Promise<number> {
  const stacked = stackParams([{ prompt }]);
  const tuning = promptTuning.apply(model, { ...promptTuning.defaults, length: prompt.shape[0] }, stacked);
  let [sum, tokens] = [0, 0];
  for (let start = 0; start < examples.length; start += 32) {
    const part = examples.slice(start, start + 32);
    const loss = tf.tidy(() => runLosses(model, seq2SeqBatch(part, model.config.padTokenId), tuning, 1));
    const [mean] = await loss.data();
    loss.dispose();
    const count = part.reduce((total, { target }) => total + target.length, 0);
    sum += (mean as number) * count;
    tokens += count;
  }
  tf.dispose(stacked);
  return sum / tokens;
}

/** The embedding of each prompt vector's nearest token. */
async function nearestEmbeddings(model: T5, prompt: Vectors): Promise<Vectors> {
  const near = await nearestTokens(model, prompt, 1);
  return inputVectors(
    model,
    near.map(([token]) => [token?.id ?? 0]),
  );
}

/**
 * What a finished run's prompt does after each intervention, without training again: gap against loss and score, so that
 * "narrower" can be told from "better". Interventions that a run has no use for (scales of a run without) are left out.
 * @throws ConfigError for a method without a prompt or a scale that depends on the input.
 */
export async function interventionCurve(
  model: T5,
  folder: string,
  examples: readonly Example[],
  options: InterventionOptions,
): Promise<InterventionPoint[]> {
  const { config, params } = await loadAdapter(folder);
  try {
    checkTrainedOn(model, folder, config);
    const { prompt: unscaled, scaled } = await promptVectors(config.method, params);
    const encoded = encodeExamples(model, examples);
    const inputs = await inputVectors(
      model,
      encoded.map(({ source }) => source),
    );
    const nearest = await nearestEmbeddings(model, scaled);
    const context = { unscaled, inputs, nearest, rng: random(options.seed).fork('interventions') };
    const hasScales = config.method['scaling'] !== undefined;
    const points: InterventionPoint[] = [];
    for (const intervention of options.interventions) {
      if (intervention.kind === 'shuffleScales' && !hasScales) continue;
      const name = interventionName(intervention);
      options.onProgress?.(name);
      const changed = intervene(scaled, intervention, context);
      points.push({
        intervention,
        name,
        ...(await measured(model, changed, inputs, examples, encoded, options)),
      });
    }
    return points;
  } finally {
    tf.dispose(params);
  }
}

async function measured(
  model: T5,
  vectors: Vectors,
  inputs: Vectors,
  examples: readonly Example[],
  encoded: readonly EncodedExample[],
  { metrics, measures, generate, seed }: InterventionOptions,
): Promise<Omit<InterventionPoint, 'intervention' | 'name'>> {
  const { measures: found } = embeddingGap(vectors, inputs, {
    measures,
    permutations: 0,
    floorDraws: 0,
    intervals: false,
    seed,
  });
  const prompt = tf.tensor2d(
    vectors.flatMap((vector) => Array.from(vector)),
    [vectors.length, vectors[0]?.length ?? 0],
  );
  try {
    const method = { ...promptTuning.defaults, length: vectors.length };
    const [evaluation] = await evaluate(
      model,
      promptTuning,
      method,
      [{ prompt }],
      examples,
      metrics,
      generate,
    );
    const scores = Object.entries(evaluation?.scores ?? {}).map(([name, { score }]) => [name, score]);
    return {
      gap: Object.fromEntries(Object.entries(found).map(([name, { value }]) => [name, value])),
      loss: await meanLoss(model, prompt, encoded),
      scores: Object.fromEntries(scores) as Readonly<Record<string, number>>,
    };
  } finally {
    prompt.dispose();
  }
}
