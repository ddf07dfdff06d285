import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seq2SeqBatch, type Seq2SeqBatch } from '../../src/model/batch';
import { loadT5 } from '../../src/model/checkpoint';
import { generate } from '../../src/model/decode';
import type { Site, Tuning, WeightsSite } from '../../src/model/sites';
import { capture, logits, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { runLosses } from '../../src/training/loss';
import { train } from '../../src/training/trainer';
import { fineTuning } from '../../src/tuning/fineTuning';
import type { Params, TuningMethod } from '../../src/tuning/method';
import { promptTuning } from '../../src/tuning/promptTuning';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { stackParams } from '../../src/tuning/stack';
import { deviation, note, report, type Deviations } from './deviation';
import { readParityCase, type Curve, type MethodName, type ParityCase } from './parityCase';

const methods: Readonly<Record<MethodName, TuningMethod>> = {
  'prompt-tuning': promptTuning as TuningMethod,
  'scaled-prompt-tuning': scaledPromptTuning as TuningMethod,
  'fine-tuning': fineTuning as TuningMethod,
};

/**
 * The parity tests of one checkpoint that reference.py wrote: everything that PyTorch with transformers made of it must
 * come out here. Deviations are relative to the largest expected magnitude of a tensor. `withTraining`: loss curves and
 * the gradients of all weights too.
 */
export function describeParity(name: string, folderOf: () => string, withTraining: boolean): void {
  describe(`${name} equals PyTorch`, () => {
    const deviations: Deviations = new Map();
    let expected: ParityCase;
    let model: T5;
    let batch: Seq2SeqBatch;

    beforeAll(async () => {
      await useBackend('tensorflow');
      expected = await readParityCase(folderOf());
      model = await loadT5(folderOf());
      const examples = expected.sources.map((source, i) => ({ source, target: expected.targets[i] ?? [] }));
      batch = seq2SeqBatch(examples, model.config.padTokenId);
    });
    afterAll(() => {
      tf.dispose([batch.source, batch.target]);
      model.dispose();
      process.stdout.write(`parity ${name}, largest deviations: ${report(deviations)}\n`);
    });

    function expectedTensor(key: string): {
      readonly shape: readonly number[];
      readonly values: Float32Array;
    } {
      const tensor = expected.tensors.get(key);
      if (tensor === undefined) throw new Error(`expected.safetensors holds no ${key}`);
      return tensor;
    }

    async function expectEqual(what: string, actual: tf.Tensor, key: string): Promise<void> {
      const { shape, values } = expectedTensor(key);
      expect(actual.shape, key).toEqual(shape);
      expect(note(deviations, what, deviation(await actual.data(), values)), key).toBeLessThan(1e-4);
    }

    /** PyTorch's prompt and scale, or the model's own weights: one run's parameters, the caller's. */
    function startOf(method: MethodName): Params {
      const tensor = (key: string): tf.Tensor => {
        const { shape, values } = expectedTensor(key);
        return tf.tensor(values, [...shape]);
      };
      if (method === 'prompt-tuning') return { prompt: tensor('prompt') };
      if (method === 'scaled-prompt-tuning') return { prompt: tensor('prompt'), scale: tensor('scale') };
      return Object.fromEntries([...model.weights].map(([weight, value]) => [weight, value.clone()]));
    }

    function tuningOf(method: MethodName, params: Params): Tuning {
      return methods[method].apply(model, methods[method].defaults, params);
    }

    /** Runs with the scaled prompt before the input. */
    async function withScaledPrompt<T>(use: (tuning: Tuning) => Promise<T>): Promise<T> {
      const run = startOf('scaled-prompt-tuning');
      const params = stackParams([run]);
      const result = await use(tuningOf('scaled-prompt-tuning', params));
      tf.dispose([run, params]);
      return result;
    }

    it('in its logits, without and with a scaled prompt', async () => {
      const plain = logits(model, batch);
      await expectEqual('logits', plain, 'logits');
      const prompted = await withScaledPrompt((tuning) => Promise.resolve(logits(model, batch, tuning)));
      await expectEqual('logits', prompted, 'logits.prompted');
      tf.dispose([plain, prompted]);
    });

    it('not by chance: every weight that is 5 % off shows in the logits', async () => {
      const { values } = expectedTensor('logits');
      for (const [weight, value] of model.weights) {
        const changed = tf.mul(value, 1.05);
        const wrong = logits(model, batch, {
          interventions: {},
          prefixes: {},
          overrides: { [weight]: changed },
        });
        expect(deviation(await wrong.data(), values), weight).toBeGreaterThan(1e-4);
        tf.dispose([changed, wrong]);
      }
    });

    it('at every site, layer by layer', async () => {
      const compare = async (prefix: string, tuning?: Tuning): Promise<number> => {
        const sites = [...expected.tensors.keys()]
          .filter((key) => key.startsWith(prefix))
          .map((key) => key.slice(prefix.length) as Site | WeightsSite);
        const found = capture(model, batch, sites, tuning);
        for (const [site, tensor] of found)
          await expectEqual(
            site.endsWith('.weights') ? 'attention weights' : 'activations',
            tensor,
            prefix + site,
          );
        tf.dispose([...found.values()]);
        return sites.length;
      };
      const { numEncoderLayers, numDecoderLayers } = model.config;
      expect(await compare('plain.')).toBe(4 + 8 * numEncoderLayers + 13 * numDecoderLayers);
      await withScaledPrompt((tuning) => compare('prompted.', tuning));
    });

    it('in its loss and the gradients of prompt, scale and weights', async () => {
      const none: Tuning = { interventions: {}, prefixes: {}, overrides: {} };
      const loss = runLosses(model, batch, none, 1);
      expect(note(deviations, 'loss', deviation(await loss.data(), [expected.loss]))).toBeLessThan(1e-5);
      loss.dispose();
      for (const method of Object.keys(methods) as MethodName[]) {
        const run = startOf(method);
        const params = stackParams([run]);
        const names = Object.keys(params);
        const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => {
          const own = Object.fromEntries(names.map((parameter, i) => [parameter, values[i] as tf.Tensor]));
          return runLosses(model, batch, tuningOf(method, own), 1);
        })(Object.values(params));
        if (method === 'scaled-prompt-tuning')
          expect(deviation(await value.data(), [expected.promptedLoss])).toBeLessThan(1e-5);
        for (const [i, parameter] of names.entries()) {
          const key = `gradient.${method}.${parameter}`;
          if (method === 'fine-tuning' && !withTraining) continue;
          const gradient = tf.squeeze(grads[i] as tf.Tensor, [0]);
          await expectEqual(
            method === 'fine-tuning' ? 'weight gradients' : `${parameter} gradients`,
            gradient,
            key,
          );
          gradient.dispose();
        }
        tf.dispose([run, params, value, grads]);
      }
    });

    it('in the ids it generates, greedy and with beams, without and with a scaled prompt', async () => {
      for (const { ids, promptedIds, ...setting } of expected.generations) {
        const options = { ...setting, maxNewTokens: expected.maxNewTokens };
        const shown = JSON.stringify(setting);
        expect(await generate(model, batch.source, options), shown).toEqual(ids);
        const prompted = await withScaledPrompt((tuning) => generate(model, batch.source, options, tuning));
        expect(prompted, `${shown} with a prompt`).toEqual(promptedIds);
      }
    });

    /** Trains with the trainer itself, from PyTorch's start and on its batches. */
    async function trainAs(curve: Curve): Promise<{ readonly losses: number[]; readonly norms: number[] }> {
      const { examples, order, warmupSteps } = curve;
      const method = { ...methods[curve.method], init: () => Promise.resolve(startOf(curve.method)) };
      const { params, metrics } = await train(
        model,
        method,
        method.defaults,
        {
          seed: 0,
          train: {
            batch: (step) => (order[step - 1] ?? []).map((i) => examples[i] as (typeof examples)[number]),
          },
        },
        {
          steps: order.length,
          batch: order[0]?.length ?? 0,
          optimizer: { name: curve.optimizer, weightDecay: curve.weightDecay },
          learningRate: curve.learningRate,
          learningRates: curve.scaleLearningRate === undefined ? {} : { scale: curve.scaleLearningRate },
          schedule: 'linear',
          warmupSteps,
          clipNorm: curve.clipNorm,
        },
      );
      tf.dispose(params);
      const steps = metrics.flatMap((metric) => ('loss' in metric ? [metric] : []));
      return { losses: steps.map(({ loss }) => loss), norms: steps.map(({ gradientNorm }) => gradientNorm) };
    }

    if (!withTraining) return;
    it.each(['prompt-tuning', 'scaled-prompt-tuning', 'fine-tuning'] as const)(
      'in 50 steps of %s, by AdamW and by Adafactor',
      { timeout: 600_000 },
      async (method) => {
        const curves = (expected.curves ?? []).filter((curve) => curve.method === method);
        expect(curves.map(({ optimizer }) => optimizer)).toEqual(['adamw', 'adafactor']);
        for (const curve of curves) {
          const { losses, norms } = await trainAs(curve);
          expect(losses).toHaveLength(50);
          const farthest = Math.max(
            ...losses.map((loss, step) => deviation([loss], [curve.losses[step] as number])),
          );
          expect(note(deviations, `${curve.optimizer} losses`, farthest), curve.optimizer).toBeLessThan(1e-3);
          expect(deviation(norms.slice(0, 5), curve.gradientNorms.slice(0, 5))).toBeLessThan(1e-3);
        }
      },
    );
  });
}
