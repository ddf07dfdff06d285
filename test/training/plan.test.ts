import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { planGroups } from '../../src/training/plan';
import { resolveRuns, type RunSpec } from '../../src/training/runSpec';
import { passBytes } from '../../src/training/step';
import type { TuningMethod } from '../../src/tuning/method';
import { prefixTuning } from '../../src/tuning/prefixTuning';
import { promptTuning } from '../../src/tuning/promptTuning';
import { stackParams } from '../../src/tuning/stack';
import { smallConfig } from '../support/methodCases';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => model.dispose());

const train = tinyExamples(6);
const plan = async <Config extends object>(
  method: TuningMethod<Config>,
  specs: readonly Partial<RunSpec>[],
  memoryLimit?: number,
): Promise<string[][]> => {
  const of = method as unknown as TuningMethod;
  const runs = resolveRuns(
    specs.map((spec, i) => ({ seed: i, train, ...spec })),
    smallConfig(of),
    { steps: 5, batch: 3, learningRate: 1 },
    {},
  );
  const groups = await planGroups(model, of, runs, memoryLimit);
  return groups.map((group) => group.map(({ name }) => name));
};

/** Bytes of a step of prompts of some lengths, one run each. */
async function bytes(...lengths: number[]): Promise<number> {
  const method = promptTuning as unknown as TuningMethod;
  const blocks = lengths.map((length) => ({ methodConfig: smallConfig(promptTuning, { length }), runs: 1 }));
  const params = await Promise.all(
    blocks.map(async ({ methodConfig }, seed) => {
      const own = await method.init(model, methodConfig, random(seed));
      const stacked = stackParams([own]);
      tf.dispose(own);
      return stacked;
    }),
  );
  const found = passBytes(
    { model, method, blocks },
    params,
    lengths.map(() => train.slice(0, 3)),
  );
  tf.dispose(params);
  return found;
}

describe('planGroups', () => {
  test('joins what differs in rates and, where the method can, in configuration', async () => {
    const specs = [
      {},
      { method: { length: 6 } },
      { training: { learningRate: 2, schedule: 'cosine', warmupSteps: 2 } },
      { method: { length: 6 }, training: { learningRates: {} } },
    ] as const;
    expect(await plan(promptTuning, specs)).toEqual([['seed-0', 'seed-2', 'seed-1', 'seed-3']]);
    expect(await plan(prefixTuning, specs)).toEqual([
      ['seed-0', 'seed-2'],
      ['seed-1', 'seed-3'],
    ]);
  });

  test.each([
    [{ steps: 6 }],
    [{ batch: 2 }],
    [{ accumulation: 2 }],
    [{ clipNorm: 1 }],
    [{ optimizer: { name: 'adamw', beta1: 0.8 } }],
    [{ labelSmoothing: 0.1 }],
    [{ evaluateEvery: 2 }],
  ] as const)('keeps apart what differs in %j', async (training) => {
    expect(await plan(promptTuning, [{}, { training }, {}])).toEqual([['seed-0', 'seed-2'], ['seed-1']]);
  });

  test('fills groups as far as the memory allows, a run counting as the longest beside it', async () => {
    const tensors = tf.memory().numTensors;
    const [short, long] = [await bytes(4), await bytes(20)];
    expect(long).toBeGreaterThan(2 * short);
    const lengths = [4, 4, 4, 20, 20].map((length) => ({ method: { length } }));
    const all = ['seed-0', 'seed-1', 'seed-2', 'seed-3', 'seed-4'];
    expect(await plan(promptTuning, lengths, 6 * long)).toEqual([all]);
    expect(await plan(promptTuning, lengths, 3.5 * long)).toEqual([all.slice(0, 3), all.slice(3)]);
    expect(await plan(promptTuning, lengths, 2.5 * short)).toEqual([
      all.slice(0, 2),
      all.slice(2, 3),
      ['seed-3'],
      ['seed-4'],
    ]);
    expect(await plan(promptTuning, lengths, 1)).toEqual(all.map((name) => [name]));
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('counts what a joint step takes', async () => {
    const together = await bytes(4, 20, 4, 20);
    expect(together / (4 * (await bytes(20)))).toBeGreaterThan(0.9);
    expect(together / (4 * (await bytes(20)))).toBeLessThan(1.1);
  });
});
