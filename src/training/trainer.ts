import { ConfigError } from '../errors';
import type { T5 } from '../model/t5';
import type { TuningMethod } from '../tuning/method';
import { type Best, findCheckpoint, type StoredCheckpoint } from './checkpoint';
import { fingerprint } from './examples';
import { makeFolder } from './fileSystem';
import { lockFolder } from './lock';
import { modelIdentity } from './modelIdentity';
import { planGroups } from './plan';
import {
  checkKind,
  environment,
  isFinished,
  type Json,
  loadAdapter,
  openRun,
  readMetrics,
  type RunConfig,
  runFolder,
} from './runStore';
import { resolveRuns, type Run, type RunSpec } from './runSpec';
import type { TrainConfigInput } from './trainConfig';
import { type Group, type TrainedRun, trainGroup, type Trained, type TrainEvent } from './trainGroup';

export type { RunSpec } from './runSpec';
export type { Trained, TrainedRun, TrainEvent } from './trainGroup';

export type TrainOptions = {
  /** The folder that keeps the runs; without it nothing is written and nothing can be resumed. */
  readonly out?: string;
  /** Recorded in the run's config and compared when it is resumed, e.g. model, task, shots. */
  readonly context?: Readonly<Record<string, Json>>;
  /** When aborted, training ends after its current step, writes a checkpoint and returns `stopped: true`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainEvent) => void;
  /**
   * Bytes that the tensors of one step may take beside the model; runs that do not fit train after the others. A run's share
   * is measured by one step of it. Without a limit, as many runs share a step as can.
   */
  readonly memoryLimit?: number;
};

/**
 * Trains a population: runs of one method that may differ in seed, data and, each by its `method` and `training`, in
 * configuration: learning rates, shots, initial values, prompt length, scaling, ranks, steps. `methodConfig` and `config`
 * are what they do not say otherwise.
 *
 *     await trainPopulation(model, scaledPromptTuning, scaledPromptTuning.defaults, [
 *       { name: 'short', seed: 1, train, method: { length: 5 } },
 *       { name: 'scalar', seed: 1, train, method: { scaling: 'scalar' }, training: { learningRate: 0.1 } },
 *     ], { steps: 600, learningRate: 0.3 });
 *
 * Runs that can share a batched step do (see `planGroups`), as many as `memoryLimit` allows; the others train after them.
 * Each run's loss, gradient, clipping and optimizer state are its own, and a prompt that is shorter than its neighbour's is
 * padded on the left and masked, so its numbers are those it has alone, up to rounding.
 *
 * With `out`, one run lives in that folder, several in `out/NAME` (`out/seed-S` without a name), each as if trained alone;
 * the same call again resumes after the last checkpoint, and returns at once when the runs are finished.
 *
 * @returns the runs in the order given; where training stopped, those that had begun.
 * @throws ConfigError for a wrong configuration, or a folder that holds another run or is being trained in.
 * @throws TrainingError naming run and step if a loss or a gradient is not finite; the last checkpoint stays.
 */
export async function trainPopulation<Config extends object>(
  model: T5,
  tuning: TuningMethod<Config>,
  methodConfig: Config,
  specs: readonly RunSpec<Config>[],
  config: TrainConfigInput,
  options: TrainOptions = {},
): Promise<Trained> {
  const method = tuning as unknown as TuningMethod;
  const runs = resolveRuns(specs, methodConfig, config, options.context ?? {});
  const { out, memoryLimit } = options;
  const plan = (open: readonly Run[]): Promise<readonly (readonly Run[])[]> =>
    planGroups(model, method, open, memoryLimit);
  if (out === undefined) {
    const groups = (await plan(runs)).map((group) => ({ runs: group }));
    const { runs: trained, stopped } = await trainGroups(model, method, groups, options);
    return { runs: runs.flatMap(({ name }) => trained.filter((run) => run.name === name)), stopped };
  }
  makeFolder(out);
  const unlock = lockFolder(out);
  try {
    checkKind(out, runs.length);
    const stored = runs.map((run) => ({ run, folder: runFolder(out, run.name, runs.length) }));
    const groups = method.batchesRuns ? await sharedGroups(out, stored, plan) : await singleGroups(stored);
    const ranOn = environment();
    for (const { run, folder } of stored) await openRun(folder, await runConfig(model, method, run), ranOn);
    const trained = await trainGroups(model, method, groups, options);
    const results: TrainedRun[] = [];
    for (const { run, folder } of stored) {
      const result = trained.runs.find(({ name }) => name === run.name);
      if (result !== undefined) results.push(result);
      else if (isFinished(folder)) results.push(await finishedRun(run, folder));
    }
    return { runs: results, stopped: trained.stopped };
  } finally {
    unlock();
  }
}

/** Trains one run; see `trainPopulation`. */
export async function train<Config extends object>(
  model: T5,
  method: TuningMethod<Config>,
  methodConfig: Config,
  run: RunSpec<Config>,
  config: TrainConfigInput,
  options: TrainOptions = {},
): Promise<TrainedRun & { readonly stopped: boolean }> {
  const { runs, stopped } = await trainPopulation(model, method, methodConfig, [run], config, options);
  return { ...(runs[0] as TrainedRun), stopped };
}

async function runConfig(
  model: T5,
  method: TuningMethod,
  { methodConfig, training, seed, train, dev, context }: Run,
): Promise<RunConfig> {
  return {
    context,
    model: await modelIdentity(model),
    method: { ...(methodConfig as Readonly<Record<string, Json>>), method: method.name },
    training,
    seed,
    train: fingerprint(train),
    dev: dev === undefined ? null : fingerprint(dev),
  };
}

type StoredRun = { readonly run: Run; readonly folder: string };

/** Each unfinished run by itself. */
async function singleGroups(stored: readonly StoredRun[]): Promise<readonly Group[]> {
  const groups: Group[] = [];
  for (const { run, folder } of stored.filter((one) => !isFinished(one.folder)))
    groups.push({
      runs: [run],
      store: { checkpoint: folder, folders: [folder], from: await findCheckpoint(folder) },
    });
  return groups;
}

/**
 * The unfinished runs: first those of the folder's checkpoint, with all that it holds beside them, then the others as they
 * are planned. One checkpoint serves all groups, for a group begins when the one before is finished.
 */
async function sharedGroups(
  out: string,
  stored: readonly StoredRun[],
  plan: (runs: readonly Run[]) => Promise<readonly (readonly Run[])[]>,
): Promise<readonly Group[]> {
  const open = stored.filter(({ folder }) => !isFinished(folder));
  if (open.length === 0) return [];
  const found = await findCheckpoint(out);
  const names = found?.runs ?? [];
  const members = names.flatMap((name) => stored.filter(({ run }) => run.name === name));
  const goesOn = members.length === names.length && open.some((one) => members.includes(one));
  if (!goesOn && names.some((name) => !isFinished(runFolder(out, name, stored.length))))
    throw new ConfigError(
      `${out}: holds the unfinished runs ${names.join(', ')}; ` +
        `asked for ${stored.map(({ run }) => run.name).join(', ')}: ask for the same runs or choose another folder`,
    );
  const group = (runs: readonly StoredRun[], from: StoredCheckpoint | null): Group => ({
    runs: runs.map(({ run }) => run),
    store: { checkpoint: out, folders: runs.map(({ folder }) => folder), from },
  });
  const fresh = goesOn ? open.filter((one) => !members.includes(one)) : open;
  const planned = (await plan(fresh.map(({ run }) => run))).map((runs) =>
    group(
      runs.map((run) => stored.find((one) => one.run === run) as StoredRun),
      null,
    ),
  );
  return goesOn ? [group(members, found), ...planned] : planned;
}

async function trainGroups(
  model: T5,
  method: TuningMethod,
  groups: readonly Group[],
  options: TrainOptions,
): Promise<Trained> {
  const runs: TrainedRun[] = [];
  for (const group of groups) {
    const result = await trainGroup(model, method, group, options);
    runs.push(...result.runs);
    if (result.stopped) return { runs, stopped: true };
  }
  return { runs, stopped: false };
}

/** One run's result from its folder. */
async function finishedRun({ name, seed }: Run, folder: string): Promise<TrainedRun> {
  const { params } = await loadAdapter(folder);
  const metrics = readMetrics(folder);
  let best: Best | null = null;
  for (const metric of metrics)
    if ('devLoss' in metric && (best === null || metric.devLoss < best.devLoss))
      best = { step: metric.step, devLoss: metric.devLoss };
  return { name, seed, params, best, metrics, folder };
}
