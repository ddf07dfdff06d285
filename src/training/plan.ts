import { isDeepStrictEqual } from 'node:util';
import type { EncodedExample } from '../model/batch';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import type { TuningMethod } from '../tuning/method';
import { stackParams } from '../tuning/stack';
import type { Run } from './runSpec';
import { passBytes } from './step';

/** Items side by side that are alike, in the order of their first. */
function sorted<T>(items: readonly T[], alike: (a: T, b: T) => boolean): readonly (readonly T[])[] {
  const classes: [T, ...T[]][] = [];
  for (const item of items) {
    const own = classes.find(([first]) => alike(first, item));
    if (own === undefined) classes.push([item]);
    else own.push(item);
  }
  return classes;
}

/** What runs of one step have in common of their training: all but how large each step is. */
function stepTraining({ training }: Run): object {
  const rates = ['learningRate', 'learningRates', 'schedule', 'warmupSteps', 'finalFraction'];
  return Object.fromEntries(Object.entries(training).filter(([key]) => !rates.includes(key)));
}

/** Runs of one configuration of the method: they share their parameters' tensors. */
const sameConfig = (a: Run, b: Run): boolean => isDeepStrictEqual(a.methodConfig, b.methodConfig);

/** A group's runs by their configurations of the method, in the order of its rows. */
export function blocksOf(group: readonly Run[]): readonly (readonly Run[])[] {
  return sorted(group, sameConfig);
}

/** Bytes that one of some runs of one configuration takes in a step, at its data's longest source and target. */
async function runBytes(model: T5, method: TuningMethod, runs: readonly Run[]): Promise<number> {
  const [{ methodConfig, training, seed }] = runs as [Run, ...Run[]];
  const examples = runs.flatMap(({ train }) => ('length' in train ? train : train.batch(1, training.batch)));
  const longest = (of: keyof EncodedExample): readonly number[] =>
    examples.reduce<readonly number[]>((most, { [of]: ids }) => (ids.length > most.length ? ids : most), []);
  const example = { source: longest('source'), target: longest('target') };
  const batch = Array<EncodedExample>(training.batch).fill(example);
  const params = await method.init(model, methodConfig, random(seed).fork('init'));
  const stacked = stackParams([params]);
  try {
    return passBytes({ model, method, blocks: [{ methodConfig, runs: 1 }] }, [stacked], [batch]);
  } finally {
    tf.dispose([params, stacked]);
  }
}

/**
 * Which runs train together, group after group, each in one batched step. Runs may share one where their trainings differ
 * in learning rates and schedule only and, unless the method batches configurations, their configurations not at all.
 * Within a group, runs of one configuration are neighbours. A group is filled as far as `memoryLimit`, in bytes, allows: a
 * run counts as the longest beside it, for it is padded to that.
 */
export async function planGroups(
  model: T5,
  method: TuningMethod,
  runs: readonly Run[],
  memoryLimit = Infinity,
): Promise<readonly (readonly Run[])[]> {
  if (!method.batchesRuns) return runs.map((run) => [run]);
  const mayShare = (a: Run, b: Run): boolean =>
    isDeepStrictEqual(stepTraining(a), stepTraining(b)) &&
    (method.batchesConfigs === true || sameConfig(a, b));
  const groups: Run[][] = [];
  for (const together of sorted(runs, mayShare)) {
    let group: Run[] = [];
    let widest = 0;
    groups.push(group);
    for (const alike of blocksOf(together)) {
      const bytes = memoryLimit === Infinity ? 0 : await runBytes(model, method, alike);
      for (const run of alike) {
        widest = Math.max(widest, bytes);
        if (group.length > 0 && (group.length + 1) * widest > memoryLimit) {
          group = [];
          widest = bytes;
          groups.push(group);
        }
        group.push(run);
      }
    }
  }
  return groups;
}
