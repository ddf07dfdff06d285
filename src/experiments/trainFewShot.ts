import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
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
 * same for every seed, so that runs differ in what they learn from and not in how they are judged. The test split stays
 * unread. Throws DataError when a split is missing, broken or too small.
 */
export function drawFewShot({ task, root, shots, references, seeds, devSize }: FewShotConfig): FewShotData {
  const folder = root ?? undefined;
  const pool = readTask(task, 'train', folder);
  const dev = readTask(task, 'dev', folder);
  return {
    train: new Map(seeds.map((seed) => [seed, fewShot(pool, { shots, seed, references })])),
    dev: devSubset(dev, { size: devSize ?? Math.min(100, dev.length), seed: 0 }),
  };
}

/** What a run's folder keeps of its experiment. */
export function fewShotContext(config: FewShotConfig): Readonly<Record<string, Json>> {
  const { model, task, root, shots, references, devSize } = config;
  return { model, task, root: root === null ? null : resolve(root), shots, references, devSize };
}

/** Trains an experiment's runs, all seeds as one population; see `trainPopulation` for `out`, resuming and errors. */
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
  return trainPopulation(model, method, config.method, runs, config.training, { ...options, context });
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
