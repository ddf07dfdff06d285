import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CheckpointError, ConfigError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import { openSafetensors, writeSafetensors } from '../model/safetensors';
import { tf } from '../tensor/backend';
import type { Params } from '../tuning/method';
import { makeFolder, writing } from './fileSystem';
import type { ModelIdentity } from './modelIdentity';
import type { TrainConfig } from './trainConfig';

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a run is: two runs of the same config (on the same backend) have the same numbers. */
export type RunConfig = {
  /** What the caller says of model, task, shots and the like. */
  readonly context: Readonly<Record<string, Json>>;
  readonly model: ModelIdentity;
  /** The method's own configuration; its key `method` is the method's name. */
  readonly method: Readonly<Record<string, Json>> & { readonly method: string };
  /** Null where the run was trained elsewhere and imported. */
  readonly training: TrainConfig | null;
  readonly seed: number;
  readonly train: Json;
  readonly dev: Json;
};

/** What a run ran on; written down, not compared. */
export type Environment = {
  readonly version: string;
  readonly commit: string | null;
  readonly backend: string;
  readonly node: string;
  readonly platform: string;
};

/** One line of `metrics.jsonl`: a training step (before its update), or a look at the dev split after a step. */
export type Metric =
  | {
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly gradientNorm: number;
    }
  | { readonly step: number; readonly devLoss: number };

/** The project's own folder, from `src/training` as from `dist/training`. */
const packageFolder = join(__dirname, '..', '..');

/** Commit of the project's checkout, `-dirty` where files differ from it; null outside of one. */
function commitOf(folder: string): string | null {
  if (!existsSync(join(folder, '.git'))) return null;
  try {
    const describe = ['describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'];
    const args = ['--no-optional-locks', '-C', folder, ...describe];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** This process's environment, as a run's folder records it. */
export function environment(): Environment {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    version,
    commit: commitOf(packageFolder),
    backend: tf.getBackend(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/**
 * The folder of one of a population's runs, by its name or, where it has none, its seed: a single run's is `out` itself,
 * that of one of several `out/NAME` or `out/seed-S`.
 */
export function runFolder(out: string, run: string | number, runs: number): string {
  return runs === 1 ? out : join(out, typeof run === 'number' ? `seed-${run}` : run);
}

const files = (
  folder: string,
): { readonly config: string; readonly metrics: string; readonly adapter: string } => ({
  config: join(folder, 'config.json'),
  metrics: join(folder, 'metrics.jsonl'),
  adapter: join(folder, 'adapter.safetensors'),
});

/** The paths at which two JSON values differ, with both values. */
export function differences(found: unknown, wanted: unknown, path = ''): string[] {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject(found) && isObject(wanted))
    return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].flatMap((key) =>
      differences(found[key], wanted[key], path === '' ? key : `${path}.${key}`),
    );
  const text = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
  const [a, b] = [text(found), text(wanted)];
  return a === b ? [] : [`${path} (there ${a}, asked ${b})`];
}

/** What a run's folder says of it. Throws CheckpointError if it holds no run or a damaged one. */
export function readRun(folder: string): { readonly config: RunConfig; readonly environment: Environment } {
  const file = files(folder).config;
  if (!existsSync(file)) throw new CheckpointError(`${folder}: no run: it holds no config.json`);
  try {
    const { environment, ...config } = JSON.parse(readFileSync(file, 'utf8')) as RunConfig & {
      readonly environment: Environment;
    };
    return { config, environment };
  } catch (error) {
    throw new CheckpointError(`${file}: damaged: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether a folder holds a run, be it a damaged one. A model's folder has a config.json too, which names no method. */
function holdsRun(folder: string): boolean {
  const file = files(folder).config;
  if (!existsSync(file)) return false;
  try {
    return 'method' in (JSON.parse(readFileSync(file, 'utf8')) as object);
  } catch {
    return true;
  }
}

/** The names of the runs in a population's folder, in order; none where it is a single run's, or no folder. */
export function memberNames(out: string): readonly string[] {
  if (!existsSync(out) || existsSync(files(out).config)) return [];
  return readdirSync(out)
    .filter((name) => holdsRun(join(out, name)))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Refuses a folder that holds runs of the other kind: a single run where several are asked for, or the reverse. */
export function checkKind(out: string, runs: number): void {
  const holdsOne = existsSync(files(out).config);
  if (runs > 1 && holdsOne)
    throw new ConfigError(`${out}: holds a single run; asked for ${runs}: choose another folder`);
  if (runs === 1 && memberNames(out).length > 0)
    throw new ConfigError(
      `${out}: holds a population of runs; asked for a single one: choose another folder`,
    );
}

/**
 * Claims a folder for a run, or finds the same run there.
 * @throws ConfigError naming the keys that differ if the folder holds another run.
 */
export async function openRun(folder: string, config: RunConfig, ranOn: Environment): Promise<void> {
  const { config: file } = files(folder);
  if (existsSync(file)) {
    const differing = differences(readRun(folder).config, JSON.parse(JSON.stringify(config)));
    if (differing.length > 0)
      throw new ConfigError(
        `${folder}: holds a run with another config: ${differing.join('; ')}; choose another folder`,
      );
    return;
  }
  makeFolder(folder);
  const text = `${JSON.stringify({ ...config, environment: ranOn }, null, 2)}\n`;
  await writeAtomically(file, (handle) => handle.writeFile(text));
}

/** A run is finished when its adapter is there: it is written last. */
export function isFinished(folder: string): boolean {
  return existsSync(files(folder).adapter);
}

/** A run's metrics up to a step, in order; a last line that a killed process left torn is none. */
export function readMetrics(folder: string, lastStep = Infinity): readonly Metric[] {
  const { metrics: file } = files(folder);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line, i) => {
      try {
        return JSON.parse(line) as Metric;
      } catch {
        throw new CheckpointError(
          `${file}:${i + 1}: damaged: must be one JSON document; found ${line.slice(0, 60)}`,
        );
      }
    })
    .filter(({ step }) => step <= lastStep);
}

/** Takes a run's metrics back to what they were at a step, and returns them. */
export async function truncateMetrics(folder: string, lastStep: number): Promise<readonly Metric[]> {
  const kept = readMetrics(folder, lastStep);
  const text = kept.map((metric) => `${JSON.stringify(metric)}\n`).join('');
  await writeAtomically(files(folder).metrics, (handle) => handle.writeFile(text));
  return kept;
}

/** Adds a line to a run's metrics. */
export function appendMetric(folder: string, metric: Metric): void {
  const { metrics: file } = files(folder);
  writing(file, () => appendFileSync(file, `${JSON.stringify(metric)}\n`));
}

/** Makes a run's metrics last through a power cut: a checkpoint must not know more than they do. */
export function syncMetrics(folder: string): void {
  const { metrics: file } = files(folder);
  writing(file, () => {
    const descriptor = openSync(file, 'a');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Writes a run's result: one run's parameters by name. */
export async function writeAdapter(folder: string, params: Params): Promise<void> {
  await writeSafetensors(files(folder).adapter, params);
}

/** A finished run's method with its configuration, and its parameters, which the caller owns. */
export type Adapter = { readonly config: RunConfig; readonly params: Params };

/** Loads a finished run. Throws CheckpointError if the folder holds none. */
export async function loadAdapter(folder: string): Promise<Adapter> {
  const { config } = readRun(folder);
  const { adapter } = files(folder);
  if (!existsSync(adapter))
    throw new CheckpointError(
      `${folder}: the run is not finished: it holds no adapter.safetensors; the command that began it goes on with it`,
    );
  const opened = await openSafetensors(adapter);
  const params: Record<string, tf.Tensor> = {};
  try {
    for (const [name, { shape }] of opened.entries)
      params[name] = tf.tensor(await opened.read(name), [...shape]);
    return { config, params };
  } catch (error) {
    tf.dispose(params);
    throw error;
  } finally {
    await opened.close();
  }
}
