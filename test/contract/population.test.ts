import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initT5 } from '../../src/model/checkpoint';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { generateSorted } from '../../src/training/generateSorted';
import { type RunSpec, trainPopulation } from '../../src/training/trainer';
import type { TrainConfigInput } from '../../src/training/trainConfig';
import type { TuningMethod } from '../../src/tuning/method';
import { disposeTuning, type Params } from '../../src/tuning/method';
import { scalings } from '../../src/tuning/scaling';
import { defineScaling } from '../../src/tuning/scaling/defineScaling';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { stackParams } from '../../src/tuning/stack';
import { methodCases, smallConfig, t5Shapes } from '../support/methodCases';
import { tinyExamples } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = initT5(t5Shapes['v1.1'] as T5['config'], random(1));
});
afterAll(() => model.dispose());

const sources = tinyExamples(12, 77).map(({ source }) => source);

/** What a run writes, greedily, after training. */
async function texts(method: TuningMethod, config: object, params: Params): Promise<number[][]> {
  const stacked = stackParams([params]);
  const tuning = method.apply(model, config, stacked);
  const [ids = []] = await generateSorted(model, sources, { generation: { maxNewTokens: 8 } }, tuning);
  disposeTuning(tuning);
  tf.dispose(stacked);
  return ids;
}

/** Trains the runs in one population and each alone: how far their losses are apart, relative, and whether texts differ. */
async function compare(
  method: TuningMethod,
  config: object,
  runs: readonly (RunSpec & { readonly name: string })[],
  training: TrainConfigInput,
): Promise<{ groups: string[][]; worst: number; same: boolean; different: number }> {
  const groups: string[][] = [];
  const together = await trainPopulation(model, method, config, runs, training, {
    onProgress: ({ kind, names }) => {
      if (kind === 'start') groups.push([...names]);
    },
  });
  let [worst, same] = [0, true];
  const written = new Set<string>();
  for (const [i, run] of runs.entries()) {
    const alone = (await trainPopulation(model, method, config, [run], training)).runs[0];
    const member = together.runs[i];
    expect(member?.name).toBe(run.name);
    const own = { ...config, ...run.method };
    const shapes = (params: Params | undefined): object =>
      Object.fromEntries(Object.entries(params ?? {}).map(([name, { shape }]) => [name, shape]));
    expect(shapes(member?.params)).toEqual(method.shapes(model.config, own));
    expect(member?.metrics.length).toBe(alone?.metrics.length);
    alone?.metrics.forEach((metric, line) => {
      const other = member?.metrics[line];
      expect(other?.step).toBe(metric.step);
      const [a, b] = [metric, other].map((m) => Object.values(m ?? {})[1] as number) as [number, number];
      worst = Math.max(worst, Math.abs(b / a - 1));
    });
    const [a, b] = [
      await texts(method, own, alone?.params ?? {}),
      await texts(method, own, member?.params ?? {}),
    ];
    same &&= JSON.stringify(a) === JSON.stringify(b);
    written.add(JSON.stringify(a));
    tf.dispose([alone?.params ?? {}, member?.params ?? {}]);
  }
  return { groups, worst, same, different: written.size };
}

const data = (seed: number, shots = 6) => ({
  train: tinyExamples(shots, seed),
  dev: tinyExamples(3 + seed, 50 + seed),
});
const training: TrainConfigInput = {
  steps: 8,
  batch: 3,
  learningRate: 0.03,
  clipNorm: 1,
  evaluateEvery: 4,
};

describe.each(methodCases.map((one) => [one.name, one] as const))('%s', (_, { method, config }) => {
  /** The configuration in a larger size, where it has one. */
  const sizes = Object.entries(config as Record<string, unknown>).filter(([key]) =>
    ['length', 'rank', 'bottleneck', 'reduction'].includes(key),
  );
  const larger = Object.fromEntries(sizes.map(([key, size]) => [key, 2 * (size as number)]));

  test('runs that differ in seed, shots, learning rates and sizes equal single runs', async () => {
    const tensors = tf.memory().numTensors;
    const runs = [
      { name: 'plain', seed: 1, ...data(1) },
      { name: 'slow', seed: 1, ...data(1), training: { learningRate: 0.01, schedule: 'linear' as const } },
      { name: 'larger', seed: 1, ...data(1), method: larger },
      { name: 'fewer', seed: 2, ...data(2, 2) },
    ];
    const { optimizer } = method.usualTraining;
    const found = await compare(method, config, runs, { ...training, optimizer: { name: optimizer } });
    const alike = ['plain', 'slow', 'fewer'];
    if (!method.batchesRuns) expect(found.groups).toEqual(runs.map(({ name }) => [name]));
    else if (sizes.length === 0) expect(found.groups).toEqual([runs.map(({ name }) => name)]);
    else if (method.batchesConfigs === true) expect(found.groups).toEqual([[...alike, 'larger']]);
    else expect(found.groups).toEqual([alike, ['larger']]);
    expect(found.worst).toBeLessThan(1e-5);
    expect(found.same).toBe(true);
    expect(found.different).toBeGreaterThan(2);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

/** One that the library does not have; its two uses differ in what the function holds, which JSON does not say. */
const times = (factor: number) =>
  defineScaling({
    name: 'times',
    shapes: (promptLength) => ({ scale: [promptLength] }),
    init: (prompt) => ({ scale: tf.ones([prompt.shape[0]]) }),
    apply: (prompt, { scale }) => tf.mul(prompt, tf.mul(scale as tf.Tensor, factor).expandDims(-1)),
    folds: true,
  });

describe.each(['adafactor', 'adamw'] as const)('prompts trained with %s', (optimizer) => {
  test('of every scaling, length and start, at several rates, share one step and equal single runs', async () => {
    const config = smallConfig(scaledPromptTuning);
    const variants: readonly Partial<typeof config>[] = [
      ...Object.keys(scalings).map((scaling, i) => ({ scaling, length: 1 + (i % 6) })),
      { scaling: times(1) },
      { scaling: times(2) },
      { init: { kind: 'uniform' } },
      { init: { kind: 'inputNorm', of: { kind: 'uniform' } }, length: 7 },
    ];
    const runs = variants.map((variant, i) => ({
      name: `run-${i}`,
      seed: i % 3,
      ...data(i % 3, 2 + i),
      method: variant,
      training: { learningRate: 0.03 / (1 + i), learningRates: { prompt: 0.05 / (1 + i) } },
    }));
    // The prompt of this one is not trained, so it has no rate.
    const trained = runs.map((run) =>
      run.method.scaling === 'frozen-prompt' ? { ...run, training: { learningRate: 0.02 } } : run,
    );
    const method = scaledPromptTuning as unknown as TuningMethod;
    const found = await compare(method, config, trained, { ...training, optimizer: { name: optimizer } });
    expect(found.groups).toEqual([runs.map(({ name }) => name)]);
    expect(found.worst).toBeLessThan(1e-5);
    expect(found.same).toBe(true);
    expect(found.different).toBeGreaterThan(10);
  });
});
