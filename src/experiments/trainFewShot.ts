import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import type { EncodedExample } from '../model/batch';
import type { T5 } from '../model/t5';
import { readTask } from '../tasks';
import { devSubset, fewShot } from '../tasks/fewShot';
import type { Example } from '../tasks/task';
import { isFinished, type Json, readRun, runFolder } from '../training/runStore';
import { type Trained, trainPopulation, type TrainOptions } from '../training/trainer';
import { methodNamed } from '../tuning';
import { encodeExamples } from './encodeText';
import type { FewShotConfig } from './fewShotConfig';
import type { NamedConfig } from './fewShotRuns';

/** What the runs of an experiment learn from: each seed's own draw, and the dev examples they share. */
export type FewShotData = {
  readonly train: ReadonlyMap<number, readonly Example[]>;
  readonly dev: readonly Example[];
};

/**
 * Draws each seed's shots from the train split, and from the dev split the examples that all runs are selected on: the
 * same for every seed, so that runs differ in what they learn from and not in how they are judged. Where both come from
 * one split, the shots come from what the selection leaves. No other split is read.
 * Throws DataError when a split is missing, broken or too small.
 */
export function drawFewShot(config: FewShotConfig): FewShotData {
  const { task, root, shots, references, seeds, devSize, trainSplit, devSplit } = config;
  const folder = root ?? undefined;
  const held = readTask(task, devSplit, folder);
  const dev = devSubset(held, { size: devSize ?? Math.min(100, held.length), seed: 0 });
  const chosen = new Set(dev.map(({ id }) => id));
  const pool =
    trainSplit === devSplit ? held.filter(({ id }) => !chosen.has(id)) : readTask(task, trainSplit, folder);
  return {
    train: new Map(seeds.map((seed) => [seed, fewShot(pool, { shots, seed, references })])),
    dev,
  };
}

/** The draws of several experiments, in their order; those that draw the same share it. */
export function drawFewShots(configs: readonly FewShotConfig[]): readonly FewShotData[] {
  const draws = new Map<string, FewShotData>();
  return configs.map((config) => {
    const key = JSON.stringify([fewShotContext(config), config.seeds]);
    const found = draws.get(key) ?? drawFewShot(config);
    draws.set(key, found);
    return found;
  });
}

/** What a run's folder keeps of its experiment. */
export function fewShotContext(config: FewShotConfig): Readonly<Record<string, Json>> {
  const { model, task, root, shots, references, devSize, trainSplit, devSplit } = config;
  return {
    model,
    task,
    root: root === null ? null : resolve(root),
    shots,
    references,
    devSize,
    // Only what is unusual is said, so that earlier runs are still known for what they are.
    ...(trainSplit === 'train' ? {} : { trainSplit }),
    ...(devSplit === 'dev' ? {} : { devSplit }),
  };
}

/** One run of some experiments. */
type Member<Experiment> = { readonly name: string; readonly seed: number; readonly of: Experiment };

/** Every run of some experiments, experiment after experiment. */
function membersOf<Experiment extends NamedConfig>(
  experiments: readonly Experiment[],
): readonly Member<Experiment>[] {
  return experiments.flatMap((of) =>
    of.config.seeds.map((seed) => {
      const own = `seed-${seed}`;
      return { name: of.name === undefined ? own : `${of.name}_${own}`, seed, of };
    }),
  );
}

/** Each run of some experiments with its folder in a population's. */
export function fewShotFolders(
  experiments: readonly NamedConfig[],
  out: string,
): readonly { readonly config: FewShotConfig; readonly seed: number; readonly folder: string }[] {
  const members = membersOf(experiments);
  return members.map(({ name, seed, of: { config } }) => ({
    config,
    seed,
    folder: runFolder(out, name, members.length),
  }));
}

/** Writes beside each run which examples it was drawn, by their ids: `draw.json`. */
async function recordDraws(experiments: readonly FewShotExperiment[], out: string): Promise<void> {
  const ids = (examples: readonly Example[]): string[] => examples.map(({ id }) => id);
  const members = membersOf(experiments);
  for (const { name, seed, of } of members) {
    const { train, dev } = of.data;
    const draw = { train: ids(train.get(seed) ?? []), dev: ids(dev) };
    await writeAtomically(join(runFolder(out, name, members.length), 'draw.json'), async (file) => {
      await file.writeFile(`${JSON.stringify(draw)}\n`);
    });
  }
}

/** An experiment among those of a population, with what its runs learn from. */
export type FewShotExperiment = NamedConfig & { readonly data: FewShotData };

/**
 * Trains the runs of experiments of one method on one model as one population, whatever else they differ in; see
 * `trainPopulation` for `out`, resuming and errors. Each run's folder gets the ids of what it was drawn.
 *
 *     const configs = fewShotConfigs({ ...shared, runs: { length: [5, 20, 50] } });
 *     const data = drawFewShots(configs.map(({ config }) => config));
 *     await trainFewShots(model, configs.map((one, i) => ({ ...one, data: data[i] })), { out });
 */
export async function trainFewShots(
  model: T5,
  experiments: readonly FewShotExperiment[],
  options: Omit<TrainOptions, 'context'> = {},
): Promise<Trained> {
  const [first] = experiments;
  if (first === undefined) throw new ConfigError('training: there must be at least one experiment');
  const { method: usual, training } = first.config;
  const other = experiments.find(({ config }) => config.method.method !== usual.method);
  if (other !== undefined)
    throw new ConfigError(
      `training: a population must have one method; found ${usual.method} and ${other.config.method.method}`,
    );
  const encoded = new Map<readonly Example[], readonly EncodedExample[]>();
  const encode = (examples: readonly Example[]): readonly EncodedExample[] => {
    const found = encoded.get(examples) ?? encodeExamples(model, examples);
    encoded.set(examples, found);
    return found;
  };
  const runs = membersOf(experiments).map(({ name, seed, of: { config, data } }) => ({
    name,
    seed,
    train: encode(data.train.get(seed) ?? []),
    dev: encode(data.dev),
    method: config.method,
    training: config.training,
    context: fewShotContext(config),
  }));
  const trained = await trainPopulation(model, methodNamed(usual.method), usual, runs, training, options);
  if (options.out !== undefined) await recordDraws(experiments, options.out);
  return trained;
}

/** Trains an experiment's runs, all seeds as one population; see `trainFewShots`. */
export async function trainFewShot(
  model: T5,
  config: FewShotConfig,
  data: FewShotData,
  options: Omit<TrainOptions, 'context'> = {},
): Promise<Trained> {
  return trainFewShots(model, [{ config, data }], options);
}

/**
 * All runs of some experiments are finished in `out`: known without loading data or model. Runs of another experiment there
 * are not taken for it; training then says how they differ.
 */
export function areTrained(experiments: readonly NamedConfig[], out: string): boolean {
  return fewShotFolders(experiments, out).every(({ config, seed, folder }) => {
    if (!isFinished(folder)) return false;
    const there = readRun(folder).config;
    const found = {
      context: there.context,
      method: there.method,
      training: there.training,
      seed: there.seed,
    };
    const { method, training } = config;
    const wanted = { context: fewShotContext(config), method, training, seed };
    return isDeepStrictEqual(found, JSON.parse(JSON.stringify(wanted)));
  });
}

/** All runs of an experiment are finished in `out`; see `areTrained`. */
export function isTrained(config: FewShotConfig, out: string): boolean {
  return areTrained([{ config }], out);
}
