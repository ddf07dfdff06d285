import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeAtomically } from '../model/atomicFile';
import type { T5 } from '../model/t5';
import { readTask } from '../tasks';
import { devSubset, fewShot } from '../tasks/fewShot';
import type { Example } from '../tasks/task';
import { isFinished, type Json, readRun, runFolder } from '../training/runStore';
import { type Trained, trainPopulation, type TrainOptions } from '../training/trainer';
import { methodNamed } from '../tuning';
import { encodeExamples } from './encodeText';
import type { FewShotConfig } from './fewShotConfig';

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

/** Writes beside each run of a population which examples it was drawn, by their ids: `draw.json`. */
async function recordDraw(out: string, seeds: readonly number[], { train, dev }: FewShotData): Promise<void> {
  const ids = (examples: readonly Example[]): string[] => examples.map(({ id }) => id);
  for (const seed of seeds) {
    const draw = { train: ids(train.get(seed) ?? []), dev: ids(dev) };
    await writeAtomically(join(runFolder(out, seed, seeds.length), 'draw.json'), async (file) => {
      await file.writeFile(`${JSON.stringify(draw)}\n`);
    });
  }
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

/**
 * Trains an experiment's runs, all seeds as one population; see `trainPopulation` for `out`, resuming and errors. Each
 * run's folder gets the ids of what it was drawn.
 */
export async function trainFewShot(
  model: T5,
  config: FewShotConfig,
  data: FewShotData,
  options: Omit<TrainOptions, 'context'> = {},
): Promise<Trained> {
  const dev = encodeExamples(model, data.dev);
  const runs = config.seeds.map((seed) => ({
    seed,
    train: encodeExamples(model, data.train.get(seed) ?? []),
    dev,
  }));
  const method = methodNamed(config.method.method);
  const context = fewShotContext(config);
  const trained = await trainPopulation(model, method, config.method, runs, config.training, {
    ...options,
    context,
  });
  if (options.out !== undefined) await recordDraw(options.out, config.seeds, data);
  return trained;
}

/**
 * All runs of an experiment are finished in `out`: known without loading data or model. Runs of another experiment there
 * are not taken for it; training then says how they differ.
 */
export function isTrained(config: FewShotConfig, out: string): boolean {
  const { method, training, seeds } = config;
  const context = fewShotContext(config);
  return seeds.every((seed) => {
    const folder = runFolder(out, seed, seeds.length);
    if (!isFinished(folder)) return false;
    const there = readRun(folder).config;
    const found = {
      context: there.context,
      method: there.method,
      training: there.training,
      seed: there.seed,
    };
    return isDeepStrictEqual(found, JSON.parse(JSON.stringify({ context, method, training, seed })));
  });
}
