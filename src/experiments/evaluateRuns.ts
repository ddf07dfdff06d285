import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CheckpointError, ConfigError } from '../errors';
import type { LabelledScore } from '../metrics/labelledScore';
import { writeAtomically } from '../model/atomicFile';
import { generationConfig } from '../model/generationConfig';
import type { T5 } from '../model/t5';
import type { Example, Split } from '../tasks/task';
import { tf } from '../tensor/backend';
import { evaluate, type EvaluateOptions, type Evaluation } from '../training/evaluate';
import { isFinished, loadAdapter, memberNames, readRun, type RunConfig } from '../training/runStore';
import { methodNamed } from '../tuning';
import { checkTrainedOn } from './loadTuning';

/** A finished run's folder and what it says of the run. */
export type StoredRun = { readonly folder: string; readonly config: RunConfig };

/** The finished run in a folder, or those of a population in its own. Throws CheckpointError if there is none. */
export function storedRuns(folder: string): readonly StoredRun[] {
  const members = memberNames(folder);
  const folders = members.length > 0 ? members.map((name) => join(folder, name)) : [folder];
  return folders.map((one) => {
    const { config } = readRun(one);
    if (!isFinished(one))
      throw new CheckpointError(`${one}: the run is not finished: it holds no adapter.safetensors`);
    return { folder: one, config };
  });
}

/** The model and the data that a run names. Throws ConfigError where it names none. */
export function runContext({ folder, config }: StoredRun): {
  readonly model: string;
  readonly task: string;
  readonly root: string | undefined;
} {
  const { model, task, root } = config.context;
  if (typeof model !== 'string' || typeof task !== 'string')
    throw new ConfigError(`${folder}: config.json names no model and task in its context`);
  return { model, task, root: typeof root === 'string' ? root : undefined };
}

/** Keeps an evaluation with its run; one of the same split from before is replaced. */
async function keep(
  folder: string,
  settings: { readonly split: Split },
  examples: readonly Example[],
  { texts, ids, scores }: Evaluation,
): Promise<void> {
  const write = (name: string, text: string): Promise<void> =>
    writeAtomically(join(folder, name), (handle) => handle.writeFile(text));
  const lines = examples.map(({ id }, i) => `${JSON.stringify({ id, text: texts[i], ids: ids[i] })}\n`);
  await write(`outputs-${settings.split}.jsonl`, lines.join(''));
  await write(`scores-${settings.split}.json`, `${JSON.stringify({ ...settings, scores }, null, 2)}\n`);
}

/** Scores runs of one configuration of their method, in shared passes where the method allows it; keeps texts and scores. */
async function evaluateAlike(
  model: T5,
  runs: readonly StoredRun[],
  split: Split,
  examples: readonly Example[],
  metrics: readonly string[],
  options: EvaluateOptions,
): Promise<readonly Evaluation['scores'][]> {
  const [first] = runs as [StoredRun];
  const { method } = first.config;
  const params = [];
  try {
    for (const { folder, config } of runs) {
      checkTrainedOn(model, folder, config);
      params.push((await loadAdapter(folder)).params);
    }
    const evaluations = await evaluate(
      model,
      methodNamed(method.method),
      method,
      params,
      examples,
      metrics,
      options,
    );
    const { task, root } = runContext(first);
    const { protocol } = options;
    const settings = { task, root, split, protocol, generation: generationConfig(options.generation) };
    for (const [i, evaluation] of evaluations.entries())
      await keep(runs[i]?.folder ?? '', settings, examples, evaluation);
    return evaluations.map((evaluation) => evaluation.scores);
  } finally {
    params.forEach((one) => tf.dispose(one));
  }
}

/**
 * Generates with each run for the same examples, those of one configuration in shared passes where the method allows it,
 * scores the texts, and keeps both in each run's folder: `outputs-SPLIT.jsonl` (`{"id","text","ids"}` a line) and
 * `scores-SPLIT.json`, with how they were made. Returns the scores by metric or protocol key, one record a run.
 */
export async function evaluateRuns(
  model: T5,
  runs: readonly StoredRun[],
  split: Split,
  examples: readonly Example[],
  metrics: readonly string[],
  options: EvaluateOptions = {},
): Promise<readonly Readonly<Record<string, LabelledScore>>[]> {
  const [first] = runs;
  const other = runs.find((run) => run.config.method.method !== first?.config.method.method);
  if (first !== undefined && other !== undefined)
    throw new ConfigError(`${other.folder}: must be of the same method as ${basename(first.folder)}`);
  const found = new Map<StoredRun, Evaluation['scores']>();
  for (const run of runs) {
    if (found.has(run)) continue;
    const alike = runs.filter(({ config }) => isDeepStrictEqual(config.method, run.config.method));
    const scores = await evaluateAlike(model, alike, split, examples, metrics, options);
    alike.forEach((one, i) => found.set(one, scores[i] ?? {}));
  }
  return runs.map((run) => found.get(run) ?? {});
}
