import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedExample } from '../../src/model/batch';
import { seq2SeqBatch } from '../../src/model/batch';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { runLosses } from '../../src/training/loss';
import { generateSorted } from '../../src/training/generateSorted';
import { train, trainPopulation } from '../../src/training/trainer';
import type { TrainConfigInput } from '../../src/training/trainConfig';
import { fineTuning } from '../../src/tuning/fineTuning';
import type { Params } from '../../src/tuning/method';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { stackParams } from '../../src/tuning/stack';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => {
  model.dispose();
});

const spt = { ...scaledPromptTuning.defaults, length: 4 };
const config: TrainConfigInput = {
  steps: 50,
  batch: 4,
  learningRate: 0.3,
  learningRates: { scale: 0.05 },
  optimizer: { name: 'adafactor' },
  clipNorm: 1,
  evaluateEvery: 25,
};

const lossesOf = (metrics: readonly object[]): number[] =>
  metrics.filter((m): m is { loss: number } => 'loss' in m).map(({ loss }) => loss);

const valuesOf = async (params: Params): Promise<Record<string, number[]>> => {
  const values: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(params)) values[name] = [...(await tensor.data())];
  return values;
};

const weightsOf = (): Promise<Record<string, number[]>> => valuesOf(Object.fromEntries(model.weights));

describe('a population', () => {
  it.each([
    ['adafactor', 50],
    ['adamw', 10],
  ] as const)('of 8 runs equals 8 single runs (%s, %i steps)', { timeout: 600_000 }, async (name, steps) => {
    const runs = Array.from({ length: 8 }, (_, seed) => ({
      seed,
      train: tinyExamples(10 + seed, seed),
      dev: tinyExamples(3 + seed, 100 + seed),
    }));
    const settings = { ...config, steps, optimizer: { name } };
    const together = await trainPopulation(model, scaledPromptTuning, spt, runs, settings);
    expect(together.stopped).toBe(false);
    let worst = 0;
    const written: { together: readonly number[]; alone: readonly number[] }[] = [];
    const sources = tinyExamples(25, 77).map(({ source }) => source);
    const write = async (params: readonly Params[]): Promise<readonly (readonly number[][])[]> => {
      const stacked = stackParams(params);
      const tuning = scaledPromptTuning.apply(model, spt, stacked);
      const found = await generateSorted(
        model,
        sources,
        { generation: { maxNewTokens: 8 } },
        tuning,
        params.length,
      );
      tf.dispose(stacked);
      return found;
    };
    const writtenTogether = await write(together.runs.map(({ params }) => params));
    for (const [i, run] of runs.entries()) {
      const alone = await train(model, scaledPromptTuning, spt, run, settings);
      const member = together.runs[i];
      const [a, b] = [lossesOf(alone.metrics), lossesOf(member?.metrics ?? [])];
      expect(a).toHaveLength(steps);
      a.forEach((loss, step) => {
        worst = Math.max(worst, Math.abs((b[step] as number) / loss - 1));
      });
      expect(member?.best?.step).toBe(alone.best?.step);
      expect(member?.best?.devLoss).toBeCloseTo(alone.best?.devLoss as number, 4);
      const [own] = await write([alone.params]);
      sources.forEach((_, s) =>
        written.push({ together: writtenTogether[i]?.[s] ?? [], alone: own?.[s] ?? [] }),
      );
      tf.dispose(alone.params);
    }
    const same = written.filter((item) => item.together.join() === item.alone.join()).length / written.length;
    console.log(
      `population of 8 against 8 single runs, ${name}, ${steps} steps: worst relative difference of a loss ${worst}, ` +
        `${100 * same} % of ${written.length} generated texts the same`,
    );
    expect(worst).toBeLessThan(1e-4);
    expect(same).toBeGreaterThanOrEqual(0.99);
    expect(new Set(written.map(({ alone }) => alone.join())).size).toBeGreaterThan(10);
    tf.dispose(together.runs.map(({ params }) => params));
  });

  it('of a method that cannot share a step trains one run after the other, to the same numbers', async () => {
    const runs = [1, 2].map((seed) => ({ seed, train: tinyExamples(6, seed) }));
    const settings: TrainConfigInput = {
      steps: 4,
      batch: 3,
      learningRate: 1e-2,
      optimizer: { name: 'adamw' },
    };
    const order: number[] = [];
    const together = await trainPopulation(model, fineTuning, fineTuning.defaults, runs, settings, {
      onProgress: ({ kind, seeds }) => {
        if (kind === 'step') order.push(...seeds);
      },
    });
    expect(order).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    for (const [i, run] of runs.entries()) {
      const alone = await train(model, fineTuning, fineTuning.defaults, run, settings);
      const member = together.runs[i];
      expect(lossesOf(member?.metrics ?? [])).toEqual(lossesOf(alone.metrics));
      expect(await valuesOf(member?.params ?? {})).toEqual(await valuesOf(alone.params));
      tf.dispose([alone.params, member?.params ?? {}]);
    }
  });
});

describe('a step', () => {
  it("changes the method's parameters only, and leaks nothing over 100 steps", async () => {
    const before = await weightsOf();
    const tensors = tf.memory().numTensors;
    const counts: number[] = [];
    const run = { seed: 3, train: tinyExamples(9), dev: tinyExamples(4, 2) };
    const trained = await train(
      model,
      scaledPromptTuning,
      spt,
      run,
      { ...config, steps: 100, evaluateEvery: 10 },
      {
        onProgress: ({ kind }) => {
          if (kind === 'step') counts.push(tf.memory().numTensors);
        },
      },
    );
    expect(counts[99]).toBe(counts[11]);
    expect(await weightsOf()).toEqual(before);
    expect(Object.keys(trained.params).sort()).toEqual(['prompt', 'scale']);
    expect(tf.memory().numTensors).toBe(tensors + 2);
    const losses = lossesOf(trained.metrics);
    expect(Math.min(...losses.slice(-10))).toBeLessThan(0.9 * (losses[0] as number));
    tf.dispose(trained.params);
  });

  it('of Fine-Tuning moves every weight of its own copy and none of the model', async () => {
    const before = await weightsOf();
    const run = { seed: 3, train: tinyExamples(9) };
    const settings: TrainConfigInput = { steps: 1, learningRate: 1e-3 };
    const trained = await train(model, fineTuning, fineTuning.defaults, run, settings);
    const after = await valuesOf(trained.params);
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    for (const [name, values] of Object.entries(after)) expect(values, name).not.toEqual(before[name]);
    expect(await weightsOf()).toEqual(before);
    tf.dispose(trained.params);
  });

  it('of accumulated passes is that of one pass over their examples', async () => {
    const run = { seed: 5, train: tinyExamples(16) };
    const settings = { ...config, steps: 8, clipNorm: null };
    const one = await train(model, scaledPromptTuning, spt, run, { ...settings, batch: 8 });
    const four = await train(model, scaledPromptTuning, spt, run, { ...settings, batch: 2, accumulation: 4 });
    const [a, b] = [lossesOf(one.metrics), lossesOf(four.metrics)];
    a.forEach((loss, i) => expect(Math.abs((b[i] as number) / loss - 1)).toBeLessThan(1e-5));
    tf.dispose([one.params, four.params]);
  });

  it('gives a parameter its own learning rate, and refuses a name that is none', async () => {
    const run = { seed: 5, train: tinyExamples(16) };
    const settings: TrainConfigInput = { steps: 1, learningRate: 0.5, learningRates: { scale: 1e-3 } };
    const { params } = await train(model, scaledPromptTuning, spt, run, {
      ...settings,
      optimizer: { name: 'adamw', weightDecay: 0 },
    });
    // AdamW's first step moves every number by the learning rate.
    for (const value of (await valuesOf(params))['scale'] ?? [])
      expect(Math.abs(value - 1)).toBeCloseTo(1e-3, 5);
    tf.dispose(params);
    await expect(
      train(model, scaledPromptTuning, spt, run, { ...settings, learningRates: { scales: 1 } }),
    ).rejects.toThrow('training configuration: learningRates.scales: must name a parameter: prompt, scale');
  });
});

describe('model selection', () => {
  it('keeps the parameters of the lowest dev loss, every token weighing the same', async () => {
    const dev = tinyExamples(7, 9);
    const run = { seed: 2, train: tinyExamples(4), dev };
    const settings = { ...config, steps: 30, evaluateEvery: 3, learningRate: 1, batch: 3 };
    const trained = await train(model, scaledPromptTuning, spt, run, settings);
    const looks = trained.metrics.filter((m): m is { step: number; devLoss: number } => 'devLoss' in m);
    expect(looks.map(({ step }) => step)).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27, 30]);
    const lowest = Math.min(...looks.map(({ devLoss }) => devLoss));
    expect(trained.best).toEqual(looks.find(({ devLoss }) => devLoss === lowest));
    expect(trained.best?.step).toBeLessThan(30);
    const stacked = stackParams([trained.params]);
    const loss = tf.tidy(() =>
      runLosses(model, seq2SeqBatch(dev, 0), scaledPromptTuning.apply(model, spt, stacked), 1),
    );
    expect((await loss.data())[0]).toBeCloseTo(lowest, 4);
    tf.dispose([trained.params, stacked, loss]);
  });
});

describe('what cannot be trained', () => {
  const good = tinyExamples(4);
  const attempt = (run: {
    train: readonly EncodedExample[];
    dev?: readonly EncodedExample[];
  }): Promise<unknown> => train(model, scaledPromptTuning, spt, { seed: 4, ...run }, config);

  it('is refused in one line', async () => {
    await expect(attempt({ train: [] })).rejects.toThrow('training: seed-4: the training split is empty');
    await expect(attempt({ train: good, dev: [] })).rejects.toThrow(
      'training: seed-4: the dev split is empty',
    );
    await expect(attempt({ train: [{ source: [3, 1], target: [] }] })).rejects.toThrow(
      'training: seed-4: every source and target must have at least its end token',
    );
    const twice = [1, 1].map((seed) => ({ seed, train: good }));
    await expect(trainPopulation(model, scaledPromptTuning, spt, twice, config)).rejects.toThrow(
      'training: names of runs must differ; seed-1 stands twice',
    );
    const mixed = [
      { seed: 1, train: good, dev: good },
      { seed: 2, train: good },
    ];
    await expect(trainPopulation(model, scaledPromptTuning, spt, mixed, config)).rejects.toThrow(
      'training: seed-2: all runs of a population must have a dev split, or none',
    );
  });
});
