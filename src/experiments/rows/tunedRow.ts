import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { embeddingGap, type GapOptions } from '../../analysis/embeddingGap';
import { inputVectors } from '../../analysis/inputVectors';
import { promptSets } from '../../analysis/promptSets';
import { ConfigError, TrainingError } from '../../errors';
import type { Example, Split } from '../../tasks/task';
import { tf } from '../../tensor/backend';
import { evaluate } from '../../training/evaluate';
import type { Json } from '../../training/runStore';
import type { TrainedRun } from '../../training/trainer';
import { methodNamed } from '../../tuning';
import { encodeText } from '../encodeText';
import { fewShotConfig, type FewShotConfig } from '../fewShotConfig';
import { drawFewShot, fewShotContext, trainFewShot } from '../trainFewShot';
import { dataFingerprint, examplesOf, type RowContext, type RowKind, type RowPlace } from './rowKind';

/** A few-shot experiment as `fewShotConfig` takes it, without model and data's place; what is not said is the default. */
export type FewShotSpec = {
  readonly task: string;
  readonly method: string;
  readonly shots: number;
  readonly seed: readonly number[];
} & Readonly<Record<string, Json>>;

/** A method trained on a task, one run a seed, all in one population, and scored in shared passes. */
export type TunedSpec = {
  readonly kind: 'tuned';
  readonly experiment: FewShotSpec;
  readonly split: Extract<Split, 'dev' | 'test'>;
  /**
   * Score after this step, by the best look at the dev split until then. Rows that differ in it alone are one training,
   * which pauses there: they must be listed by rising steps, and the schedule be constant.
   */
  readonly pauseAt?: number;
  /** Measure the gap between the prompt and the split's input embeddings as well. */
  readonly gap?: boolean;
};

/** The experiment resolved, with model and data. */
export function fewShotOf(experiment: FewShotSpec, { modelName, data }: RowPlace): FewShotConfig {
  return fewShotConfig({ ...experiment, model: modelName, root: data ?? null });
}

/** What the training depends on beside the model. */
function trainingOf({ experiment }: TunedSpec, place: RowPlace): Readonly<Record<string, Json>> {
  const config = fewShotOf(experiment, place);
  const { task, method, shots, references, seeds, devSize, training } = config;
  const data = dataFingerprint(task, place);
  // Where model and data lie is no part of it; what else a run's folder says of its experiment is.
  const unusual = Object.entries(fewShotContext(config)).filter(([key]) => key !== 'model' && key !== 'root');
  return {
    ...{ task, data, method, shots, references, seeds, devSize, training },
    ...Object.fromEntries(unusual),
  };
}

/** A folder that another model, other data or another training never share. */
function runsFolder(spec: TunedSpec, place: RowPlace): string {
  const { task, method, shots } = spec.experiment;
  const identity = JSON.stringify([place.fingerprint, trainingOf(spec, place)]);
  const id = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return join(place.runs, `${method}-${task}-${shots}-${id}`);
}

async function train(spec: TunedSpec, folder: string, context: RowContext): Promise<readonly TrainedRun[]> {
  const config = fewShotOf(spec.experiment, context);
  const { steps, schedule } = config.training;
  const { pauseAt = steps } = spec;
  if (pauseAt < steps && schedule !== 'constant')
    throw new ConfigError(`pauseAt: the schedule must be constant; found ${schedule}`);
  const pause = new AbortController();
  let step = 0;
  const { runs, stopped } = await trainFewShot(context.model, config, drawFewShot(config), {
    out: folder,
    signal: context.signal === undefined ? pause.signal : AbortSignal.any([pause.signal, context.signal]),
    onProgress: (event) => {
      context.onTraining?.(event);
      ({ step } = event);
      if (step >= pauseAt && step < steps) pause.abort();
    },
  });
  const wanted = stopped ? step === pauseAt : pauseAt === steps;
  if (wanted) return runs;
  runs.forEach(({ params }) => tf.dispose(params));
  if (context.signal?.aborted === true)
    throw new TrainingError(`interrupted after step ${step}; ${folder} keeps it`);
  throw new ConfigError(`${folder}: the training is past step ${pauseAt}; delete it to train it anew`);
}

/** Point values that cost little: runs are the unit of what an experiment says. */
const gapOptions = {
  measures: ['centroidGap', 'centroidGapNormalised', 'cosineOfCentroids', 'normRatio'],
  permutations: 0,
  floorDraws: 0,
  intervals: false,
} satisfies GapOptions;

/** The gap of each run's prompt, as trained and with its scale, by measure: `prompt.centroidGap`, `scaled.normRatio`. */
async function gaps(
  { experiment }: TunedSpec,
  runs: readonly TrainedRun[],
  examples: readonly Example[],
  context: RowContext,
): Promise<readonly Readonly<Record<string, number | null>>[]> {
  const { method } = fewShotOf(experiment, context);
  const inputs = await inputVectors(
    context.model,
    examples.map(({ source }) => encodeText(context.model, source)),
  );
  const sets = await promptSets(method, runs);
  return runs.map(({ seed }) => {
    const own = sets.filter((set) => set.seed === seed);
    const entries = own.flatMap(({ part, vectors }) =>
      Object.entries(embeddingGap(vectors, inputs, gapOptions).measures).map(
        ([name, { value }]) => [`${part}.${name}`, value] as const,
      ),
    );
    return Object.fromEntries(entries);
  });
}

export const tunedRow: RowKind<TunedSpec> = {
  unit: 'BLEU',
  config: (spec, place) => ({
    ...trainingOf(spec, place),
    split: spec.split,
    pauseAt: spec.pauseAt ?? null,
    gap: spec.gap ?? false,
    generation: place.generation,
  }),
  measure: async (spec, context) => {
    const { signal, onTexts } = context;
    const config = fewShotOf(spec.experiment, context);
    const method = methodNamed(config.method.method);
    const examples = examplesOf(config.task, spec.split, context);
    const folder = runsFolder(spec, context);
    const runs = await train(spec, folder, context);
    try {
      const evaluations = await evaluate(
        context.model,
        method,
        config.method,
        runs.map(({ params }) => params),
        examples,
        ['bleu'],
        {
          generation: context.generation,
          ...(signal === undefined ? {} : { signal }),
          ...(onTexts === undefined ? {} : { onProgress: onTexts }),
        },
      );
      const gap = spec.gap === true ? await gaps(spec, runs, examples, context) : [];
      const scores = runs.map(({ seed, best }, i) => {
        const found = evaluations[i]?.scores['bleu'];
        const measures = { devLoss: best?.devLoss ?? null, bestStep: best?.step ?? null, ...gap[i] };
        return { seed, score: found?.score ?? NaN, interval: found?.interval ?? null, measures };
      });
      return { n: examples.length, scores };
    } finally {
      runs.forEach(({ params }) => tf.dispose(params));
    }
  },
  // A run of Fine-Tuning is as large as the model several times over; prompts are small and stay for later looks.
  tidyUp: (spec, place) => {
    const { batchesRuns } = methodNamed(spec.experiment.method);
    if (!batchesRuns) rmSync(runsFolder(spec, place), { recursive: true, force: true });
  },
};
