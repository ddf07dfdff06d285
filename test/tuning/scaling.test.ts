import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../src/errors';
import { loadTuning } from '../../src/experiments/loadTuning';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { train } from '../../src/training/trainer';
import type { Params } from '../../src/tuning/method';
import { medianInputNorm } from '../../src/tuning/promptInit';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { scalingNamed, scalings } from '../../src/tuning/scaling';
import { defineScaling } from '../../src/tuning/scaling/defineScaling';
import { foldScaledPrompt } from '../../src/tuning/scaling/foldScaledPrompt';
import type { ScalingDefinition } from '../../src/tuning/scaling/scaling';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => model.dispose());

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const rows = (params: Params): number[][] => (params['prompt'] as tf.Tensor2D).arraySync();
const norms = (prompt: number[][]): number[] => prompt.map((row) => Math.hypot(...row));

/** One run's start, by a scaling. */
async function start(scaling: string): Promise<Params> {
  return scaledPromptTuning.init(model, { ...scaledPromptTuning.defaults, length: 6, scaling }, random(3));
}

describe('before training', () => {
  const changesTheStart = [
    'layer-norm',
    'rms-norm',
    'norm-matched',
    'norm-target',
    'frozen-scale',
    'input-gated',
  ];

  test.each(Object.keys(scalings).filter((name) => !changesTheStart.includes(name)))(
    '%s is plain Prompt-Tuning',
    async (name) => {
      const [plain, params] = [await start('none'), await start(name)];
      const folded = foldScaledPrompt(scalingNamed(name), params);
      const off = tf.tidy(() => values(tf.max(tf.abs(tf.sub(folded, plain['prompt'] as tf.Tensor))))[0]);
      expect(off).toBeLessThan(1e-5);
      tf.dispose([plain, params, folded]);
    },
  );

  test("norm-matched and norm-target give every token the input's norm", async () => {
    const norm = await medianInputNorm(model);
    const lengths = norms((model.weights.get('shared.weight') as tf.Tensor2D).arraySync()).slice(3);
    const below = lengths.filter((length) => length < norm).length;
    expect(Math.abs(below - lengths.length / 2)).toBeLessThanOrEqual(0.5);
    for (const name of ['norm-matched', 'norm-target']) {
      const params = await start(name);
      const folded = foldScaledPrompt(scalingNamed(name), params);
      norms(folded.arraySync()).forEach((own) => expect(own).toBeCloseTo(norm, 4));
      tf.dispose([params, folded]);
    }
  });

  test('norms keep the size of the whole prompt; frozen scales lie in [1/2, 2]', async () => {
    for (const name of ['layer-norm', 'rms-norm']) {
      const params = await start(name);
      const folded = foldScaledPrompt(scalingNamed(name), params);
      const size = (prompt: number[][]): number => Math.hypot(...prompt.flat());
      // The layer norm takes the means out.
      expect(Math.abs(size(folded.arraySync()) / size(rows(params)) - 1)).toBeLessThan(0.1);
      tf.dispose([params, folded]);
    }
    const params = await start('frozen-scale');
    const scales = values(params['scale'] as tf.Tensor);
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...scales)).toBeLessThanOrEqual(2);
    expect(new Set(scales).size).toBe(6);
    tf.dispose(params);
  });
});

describe('defineScaling', () => {
  const definition: ScalingDefinition = {
    name: 'squared',
    shapes: (promptLength) => ({ root: [promptLength] }),
    init: (prompt) => ({ root: tf.ones([prompt.shape[0]]) }),
    apply: (prompt, { root }) => tf.mul(prompt, tf.square(root as tf.Tensor).expandDims(-1)),
    folds: true,
  };

  test('goes straight to train, and is known again by its functions', async () => {
    const squared = defineScaling(definition);
    const out = temporaryFolder();
    const config = { ...scaledPromptTuning.defaults, length: 3, scaling: squared };
    const run = { seed: 1, train: tinyExamples(4) };
    const steps = { steps: 3, batch: 2, learningRate: 0.1 };
    const trained = await train(model, scaledPromptTuning, config, run, steps, { out });
    expect(values(trained.params['root'] as tf.Tensor)).not.toEqual([1, 1, 1]);
    const stored = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')) as {
      method: { length: number; scaling: string };
    };
    expect(stored.method.scaling).toMatch(/^squared@[0-9a-f]{8}$/);
    const again = await train(model, scaledPromptTuning, config, run, steps, { out });
    expect(values(again.params['root'] as tf.Tensor)).toEqual(values(trained.params['root'] as tf.Tensor));
    const cubed = defineScaling({
      ...definition,
      apply: (prompt, { root }) => tf.mul(prompt, tf.pow(root as tf.Tensor, 3).expandDims(-1)),
    });
    await expect(
      train(model, scaledPromptTuning, { ...config, scaling: cubed }, run, steps, { out }),
    ).rejects.toThrow(/another config: method.scaling \(there "squared@/);
    await expect(loadTuning(model, out)).rejects.toThrow(/defined outside of the library/);
    const loaded = await loadTuning(model, out, { scaling: squared });
    loaded.dispose();
    tf.dispose([trained.params, again.params]);
  });

  test.each(['token-wise', 'Mine', 'a b', ''])("refuses the name '%s'", (name) => {
    expect(() => defineScaling({ ...definition, name })).toThrow(ConfigError);
  });

  test('a name alone says that it was defined elsewhere', () => {
    expect(() => scalingNamed('squared@01234567')).toThrow(/defined outside of the library/);
  });
});
