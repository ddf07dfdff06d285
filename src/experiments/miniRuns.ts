import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CheckpointError, TrainingError } from '../errors';
import { openSafetensors, writeSafetensors } from '../model/safetensors';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { makeFolder } from '../training/fileSystem';
import { loadAdapter, runFolder } from '../training/runStore';
import type { TrainEvent } from '../training/trainer';
import { methodNamed } from '../tuning';
import type { Params } from '../tuning/method';
import { type StoredRun, storedRuns } from './evaluateRuns';
import { fewShotConfig, type FewShotConfig } from './fewShotConfig';
import { type Snapshot, writeSnapshots } from './runSnapshots';
import { drawFewShot, trainFewShot } from './trainFewShot';

/** Where the runs lie that the notebooks read: `TASK/METHOD/seed-S`. */
export const miniRunsFolder = resolve(__dirname, '..', '..', 'data', 'mini', 'runs');

/** How they are trained; a caller may shorten it. */
export type MiniRunSettings = {
  readonly tasks: readonly string[];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly shots: number;
  readonly steps: number;
  readonly batch: number;
  /** Prompt tokens. */
  readonly length: number;
  readonly devSize: number;
  /** Runs of so many seeds, the first ones, keep their parameters at some steps. */
  readonly snapshotSeeds: number;
  readonly snapshotEvery: number;
};

export const miniRunSettings: MiniRunSettings = {
  tasks: ['mini-e2e', 'mini-webnlg'],
  methods: ['prompt-tuning', 'scaled-prompt-tuning'],
  seeds: [1, 2, 3, 4, 5],
  shots: 100,
  steps: 600,
  batch: 16,
  length: 50,
  devSize: 60,
  snapshotSeeds: 2,
  snapshotEvery: 50,
};

export type MiniRunOptions = {
  /** Where training keeps its checkpoints until all runs are done. */
  readonly work: string;
  /** Where the finished runs go. */
  readonly out?: string;
  readonly model?: string;
  readonly settings?: Partial<MiniRunSettings>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainEvent, what: string) => void;
};

function configOf(model: string, task: string, method: string, settings: MiniRunSettings): FewShotConfig {
  const { seeds, shots, steps, batch, length, devSize, snapshotEvery } = settings;
  return fewShotConfig({
    ...{ model, task, method, shots, seed: seeds, steps, batch, length, devSize },
    evaluateEvery: 50,
    checkpointEvery: snapshotEvery,
    logEvery: 20,
  });
}

const stepFile = (folder: string, step: number): string => join(folder, 'states', `${step}.safetensors`);

/** One run's share of a population's checkpoint. */
async function paramsAt(file: string, run: number): Promise<Params> {
  const opened = await openSafetensors(file);
  const params: Record<string, tf.Tensor> = {};
  try {
    for (const [key, { shape }] of opened.entries) {
      if (!key.startsWith('params/')) continue;
      const [, ...own] = shape;
      const size = own.reduce((product, axis) => product * axis, 1);
      const values = (await opened.read(key)).slice(run * size, (run + 1) * size);
      params[key.slice('params/'.length)] = tf.tensor(values, own);
    }
    return params;
  } catch (error) {
    tf.dispose(params);
    throw error;
  } finally {
    await opened.close();
  }
}

/** A run's parameters at its start and at each step that was kept. */
async function snapshotsOf(model: T5, config: FewShotConfig, work: string, run: number): Promise<Snapshot[]> {
  const steps = readdirSync(join(work, 'states'))
    .map((name) => Number(name.replace('.safetensors', '')))
    .sort((a, b) => a - b);
  const start = await methodNamed(config.method.method).init(
    model,
    config.method,
    random(config.seeds[run] ?? 0).fork('init'),
  );
  const snapshots: Snapshot[] = [{ step: 0, params: start }];
  for (const step of steps) snapshots.push({ step, params: await paramsAt(stepFile(work, step), run) });
  return snapshots;
}

/** Puts a finished run where notebooks read it, in place of an earlier one: config, metrics, the adapter in half precision. */
async function pack(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  for (const name of ['config.json', 'metrics.jsonl']) await copyFile(join(from, name), join(to, name));
  const { params } = await loadAdapter(from);
  try {
    await writeSafetensors(join(to, 'adapter.safetensors'), params, { dtype: 'F16' });
  } finally {
    tf.dispose(params);
  }
}

/**
 * Trains the runs that the notebooks read, all seeds of a method and a task as one population, and puts them small into
 * `out`: adapters in half precision, and for some runs their parameters along training. A call that was interrupted goes
 * on; one that ended trains anew.
 * @throws TrainingError if the signal stopped it.
 */
export async function trainMiniRuns(
  model: T5,
  { work, out = miniRunsFolder, model: name = 'mini', settings: given, signal, onProgress }: MiniRunOptions,
): Promise<readonly StoredRun[]> {
  const settings = { ...miniRunSettings, ...given };
  const groups = settings.tasks.flatMap((task) => settings.methods.map((method) => ({ task, method })));
  for (const { task, method } of groups) {
    const config = configOf(name, task, method, settings);
    const folder = join(work, task, method);
    makeFolder(join(folder, 'states'));
    const trained = await trainFewShot(model, config, drawFewShot(config), {
      out: folder,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (event) => {
        // The next checkpoint overwrites this one.
        if (event.kind === 'checkpoint')
          copyFileSync(join(folder, 'checkpoint', 'state.safetensors'), stepFile(folder, event.step));
        onProgress?.(event, `${task}, ${method}`);
      },
    });
    trained.runs.forEach(({ params }) => tf.dispose(params));
    if (trained.stopped)
      throw new TrainingError(`interrupted; ${folder} keeps the last checkpoint, the same command goes on`);
  }
  for (const { task, method } of groups) {
    const config = configOf(name, task, method, settings);
    const folder = join(work, task, method);
    for (const [run, seed] of config.seeds.entries()) {
      const to = join(out, task, method, `seed-${seed}`);
      await pack(runFolder(folder, seed, config.seeds.length), to);
      if (run >= settings.snapshotSeeds) continue;
      const snapshots = await snapshotsOf(model, config, folder, run);
      try {
        await writeSnapshots(to, snapshots);
      } finally {
        snapshots.forEach(({ params }) => tf.dispose(params));
      }
    }
  }
  await rm(work, { recursive: true, force: true });
  return storedMiniRuns(out);
}

/**
 * The runs that the notebooks read, of every task and method in the folder.
 * @throws CheckpointError saying how to make them where there are none.
 */
export function storedMiniRuns(folder: string = miniRunsFolder): readonly StoredRun[] {
  const inside = (name: string): string[] =>
    existsSync(name)
      ? readdirSync(name, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => join(name, entry.name))
          .sort()
      : [];
  const runs = inside(folder).flatMap(inside).flatMap(storedRuns);
  if (runs.length === 0)
    throw new CheckpointError(`${folder}: holds no runs; "npm run reproduce -- --full" trains them`);
  return runs;
}
