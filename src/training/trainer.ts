import { ConfigError } from '../errors';
import type { T5 } from '../model/t5';
import type { TuningMethod } from '../tuning/method';
import { type Best, findCheckpoint } from './checkpoint';
import { fingerprint } from './examples';
import { makeFolder } from './fileSystem';
import { lockFolder } from './lock';
import { modelIdentity } from './modelIdentity';
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
import type { Tuned } from './step';
import { type TrainConfig, trainConfig, type TrainConfigInput } from './trainConfig';
import {
  type Group,
  type RunSpec,
  type TrainedRun,
  trainGroup,
  type Trained,
  type TrainEvent,
} from './trainGroup';

export type { RunSpec, Trained, TrainedRun, TrainEvent } from './trainGroup';

export type TrainOptions = {
  /** The folder that keeps the runs; without it nothing is written and nothing can be resumed. */
  readonly out?: string;
  /** Recorded in the run's config and compared when it is resumed, e.g. model, task, shots. */
  readonly context?: Readonly<Record<string, Json>>;
  /** When aborted, training ends after its current step, writes a checkpoint and returns `stopped: true`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainEvent) => void;
};

/**
 * Trains a population: runs of one method and one configuration that differ in seed and data.
 *
 * Where the method allows it, all runs train in one batched step; each run's loss, gradient, clipping and optimizer
 * state are its own, so its numbers are those it has alone. Otherwise they train one after the other.
 *
 * With `out`, one run lives in that folder, several in `out/seed-S`; the same call again resumes after the last
 * checkpoint, and returns at once when the runs are finished.
 *
 * @throws ConfigError for a wrong configuration, or a folder that holds another run or is being trained in.
 * @throws TrainingError naming seed and step if a loss or a gradient is not finite; the last checkpoint stays.
 */
export async function trainPopulation<Config extends object>(
  model: T5,
  method: TuningMethod<Config>,
  methodConfig: Config,
  runs: readonly RunSpec[],
  config: TrainConfigInput,
  options: TrainOptions = {},
): Promise<Trained> {
  const training = trainConfig(config);
  checkRuns(runs);
  const tuned = { model, method, methodConfig } as unknown as Tuned;
  const { out } = options;
  if (out === undefined) {
    const groups = method.batchesRuns ? [{ runs }] : runs.map((run) => ({ runs: [run] }));
    return trainGroups(tuned, groups, training, options);
  }
  makeFolder(out);
  const unlock = lockFolder(out);
  try {
    checkKind(out, runs.length);
    const stored = runs.map((run) => ({ run, folder: runFolder(out, run.seed, runs.length) }));
    const groups = method.batchesRuns ? await sharedGroup(out, stored) : await singleGroups(stored);
    const ranOn = environment();
    for (const { run, folder } of stored)
      await openRun(folder, await runConfig(tuned, run, training, options), ranOn);
    const trained = await trainGroups(tuned, groups, training, options);
    const results: TrainedRun[] = [];
    for (const { run, folder } of stored) {
      const result = trained.runs.find(({ seed }) => seed === run.seed);
      if (result !== undefined) results.push(result);
      else if (isFinished(folder)) results.push(await finishedRun(run.seed, folder));
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
  run: RunSpec,
  config: TrainConfigInput,
  options: TrainOptions = {},
): Promise<TrainedRun & { readonly stopped: boolean }> {
  const { runs, stopped } = await trainPopulation(model, method, methodConfig, [run], config, options);
  return { ...(runs[0] as TrainedRun), stopped };
}

function checkRuns(runs: readonly RunSpec[]): void {
  if (runs.length === 0) throw new ConfigError('training: there must be at least one run');
  const seeds = runs.map(({ seed }) => seed);
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw new ConfigError(`training: seeds must differ; seed ${twice} stands twice`);
  for (const { seed, train, dev } of runs) {
    if (!Number.isSafeInteger(seed))
      throw new ConfigError(`training: a seed must be an integer; found ${seed}`);
    if ('length' in train && train.length === 0)
      throw new ConfigError(`training: seed ${seed}: the training split is empty`);
    if (dev?.length === 0) throw new ConfigError(`training: seed ${seed}: the dev split is empty`);
    const lists = [...('length' in train ? [train] : []), ...(dev === undefined ? [] : [dev])];
    if (
      lists.some((list) => list.some((example) => example.source.length === 0 || example.target.length === 0))
    )
      throw new ConfigError(
        `training: seed ${seed}: every source and target must have at least its end token`,
      );
    if ((dev === undefined) !== (runs[0]?.dev === undefined))
      throw new ConfigError(
        `training: seed ${seed}: all runs of a population must have a dev split, or none`,
      );
  }
}

async function runConfig(
  { model, method, methodConfig }: Tuned,
  run: RunSpec,
  training: TrainConfig,
  options: TrainOptions,
): Promise<RunConfig> {
  return {
    context: options.context ?? {},
    model: await modelIdentity(model),
    method: { ...(methodConfig as Readonly<Record<string, Json>>), method: method.name },
    training,
    seed: run.seed,
    train: fingerprint(run.train),
    dev: run.dev === undefined ? null : fingerprint(run.dev),
  };
}

type StoredRun = { readonly run: RunSpec; readonly folder: string };

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

/** The unfinished runs as one group, with those that their checkpoint holds beside them; none if all are finished. */
async function sharedGroup(out: string, stored: readonly StoredRun[]): Promise<readonly Group[]> {
  const open = stored.filter(({ folder }) => !isFinished(folder));
  if (open.length === 0) return [];
  const found = await findCheckpoint(out);
  const seeds = found?.seeds ?? [];
  const members = seeds.flatMap((seed) => stored.filter(({ run }) => run.seed === seed));
  const isComplete = members.length === seeds.length && open.every((one) => members.includes(one));
  const from = isComplete ? found : null;
  if (from === null && seeds.some((seed) => !isFinished(runFolder(out, seed, stored.length))))
    throw new ConfigError(
      `${out}: holds the unfinished runs of seeds ${seeds.join(', ')}; ` +
        `asked for ${stored.map(({ run }) => run.seed).join(', ')}: ask for the same seeds or choose another folder`,
    );
  const group = from === null ? open : members;
  return [
    {
      runs: group.map(({ run }) => run),
      store: { checkpoint: out, folders: group.map(({ folder }) => folder), from },
    },
  ];
}

async function trainGroups(
  tuned: Tuned,
  groups: readonly Group[],
  config: TrainConfig,
  options: TrainOptions,
): Promise<Trained> {
  const runs: TrainedRun[] = [];
  for (const group of groups) {
    const result = await trainGroup(tuned, group, config, options);
    runs.push(...result.runs);
    if (result.stopped) return { runs, stopped: true };
  }
  return { runs, stopped: false };
}

/** One run's result from its folder. */
async function finishedRun(seed: number, folder: string): Promise<TrainedRun> {
  const { params } = await loadAdapter(folder);
  const metrics = readMetrics(folder);
  let best: Best | null = null;
  for (const metric of metrics)
    if ('devLoss' in metric && (best === null || metric.devLoss < best.devLoss))
      best = { step: metric.step, devLoss: metric.devLoss };
  return { seed, params, best, metrics, folder };
}
