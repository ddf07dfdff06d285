import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seq2SeqBatch, type Seq2SeqBatch } from '../../src/model/batch';
import { logits, type T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';
import { tf, useBackend } from '../../src/tensor/backend';
import { methods } from '../../src/tuning';
import type { Params } from '../../src/tuning/method';
import { stackParams, unstackParams } from '../../src/tuning/stack';
import { runLosses } from '../../src/training/loss';
import { trainPopulation } from '../../src/training/trainer';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

const shapes = {
  'v1.0': { feedForward: 'relu', scaleDecoderOutputs: true },
  'v1.1': { feedForward: 'gated-gelu', scaleDecoderOutputs: false },
} as const;

function flat(tensors: Readonly<Record<string, tf.Tensor>>): number[] {
  return Object.values(tensors).flatMap((tensor) => Array.from(tensor.dataSync()));
}

describe.each(Object.entries(shapes))('on a T5 %s', (_, shape) => {
  let model: T5;
  let batch: Seq2SeqBatch;
  const examples = tinyExamples(6);

  beforeAll(async () => {
    await useBackend('tensorflow');
    model = tinyT5(1, shape);
    batch = seq2SeqBatch(examples, model.config.padTokenId);
  });
  afterAll(() => {
    tf.dispose(batch);
    model.dispose();
  });

  describe.each(methods.map((method) => [method.name, method] as const))('%s', (__, method) => {
    const config = { ...method.defaults, ...('length' in method.defaults ? { length: 4 } : {}) };
    const start = (seed: number): Promise<Params> => method.init(model, config, random(seed));
    const lossOf = (params: Params): tf.Scalar =>
      tf.sum(runLosses(model, batch, method.apply(model, config, stackParams([params])), 1));

    test('starts as the identity exactly where it says so', async () => {
      const params = await start(1);
      const difference = tf.tidy(() => {
        const tuned = logits(model, batch, method.apply(model, config, stackParams([params])));
        return tf.max(tf.abs(tf.sub(tuned, logits(model, batch)))).dataSync()[0] as number;
      });
      if (method.startsAsIdentity) expect(difference).toBeLessThan(1e-5);
      else expect(difference).toBeGreaterThan(1e-4);
      tf.dispose(params);
    });

    test('the gradient agrees with central differences and reaches every parameter', async () => {
      const params = await start(2);
      const names = Object.keys(params);
      const values = names.map((name) => params[name] as tf.Tensor);
      const named = (list: tf.Tensor[]): Params =>
        Object.fromEntries(names.map((name, i) => [name, list[i] as tf.Tensor]));
      const gradients = tf.grads((...list: tf.Tensor[]) => lossOf(named(list)))(values);
      for (const [i, gradient] of gradients.entries())
        expect(tf.norm(gradient).dataSync()[0], names[i]).toBeGreaterThan(1e-7);
      const rng = random(3);
      for (let direction = 0; direction < 3; direction++) {
        const step = gradients.map((g) =>
          tf.tensor(
            Float32Array.from({ length: g.size }, () => rng.normal()),
            g.shape,
          ),
        );
        const along = tf.tidy(
          () =>
            tf.addN(gradients.map((g, i) => tf.sum(tf.mul(g, step[i] as tf.Tensor)))).dataSync()[0] as number,
        );
        const shifted = (by: number): number =>
          tf.tidy(
            () =>
              lossOf(
                named(values.map((v, i) => tf.add(v, tf.mul(step[i] as tf.Tensor, by)))),
              ).dataSync()[0] as number,
          );
        // Short enough for curvature and kinks, long enough for float32.
        const size = 0.04 / Math.sqrt(gradients.reduce((sum, g) => sum + g.size, 0));
        const slope = (shifted(size) - shifted(-size)) / (2 * size);
        const norm = Math.sqrt(flat(Object.fromEntries(gradients.entries())).reduce((a, b) => a + b * b, 0));
        expect(Math.abs(slope - along)).toBeLessThan(0.02 * norm + 1e-4);
        tf.dispose(step);
      }
      tf.dispose([params, gradients]);
    });

    test('training changes its own parameters only, and leaks no tensor over 100 steps', async () => {
      const frozen = flat(Object.fromEntries(model.weights));
      const run = { seed: 1, train: examples };
      const training = (steps: number) =>
        trainPopulation(model, method, config, [run], {
          steps,
          batch: 2,
          learningRate: 0.01,
          optimizer: { name: 'adamw' },
        });
      const first = await training(1);
      tf.dispose(first.runs.map(({ params }) => params));
      const tensors = tf.memory().numTensors;
      const trained = await training(100);
      const [result] = trained.runs;
      const initial = await start(1);
      expect(flat(Object.fromEntries(model.weights))).toEqual(frozen);
      expect(flat(result?.params ?? {})).not.toEqual(flat(initial));
      tf.dispose([initial, ...trained.runs.map(({ params }) => params)]);
      expect(tf.memory().numTensors).toBe(tensors);
    });

    test('a population equals single runs', async () => {
      // Where runs do not share a step, a population is a loop, and two of them show it.
      const runs = Array.from({ length: method.batchesRuns ? 8 : 2 }, (___, seed) => ({
        seed,
        train: tinyExamples(6, seed),
      }));
      const losses = async (of: typeof runs): Promise<number[][]> => {
        const seen = new Map<number, number[]>();
        const trained = await trainPopulation(
          model,
          method,
          config,
          of,
          { steps: 50, batch: 2, learningRate: 0.01, clipNorm: 1 },
          {
            onProgress: (event) => {
              if (event.kind === 'step')
                event.losses.forEach((loss, i) => {
                  const seed = event.seeds[i] as number;
                  seen.set(seed, [...(seen.get(seed) ?? []), loss]);
                });
            },
          },
        );
        tf.dispose(trained.runs.map(({ params }) => params));
        return of.map(({ seed }) => seen.get(seed) ?? []);
      };
      const together = await losses(runs);
      for (const [i, run] of runs.entries()) {
        const [alone = []] = await losses([run]);
        expect(alone).toHaveLength(50);
        alone.forEach((loss, step) =>
          expect(Math.abs((together[i]?.[step] ?? NaN) - loss) / loss, `seed ${i} step ${step}`).toBeLessThan(
            1e-4,
          ),
        );
      }
    });

    test('stacking and taking apart gives the same parameters', async () => {
      const runs = [await start(1), await start(2)];
      const stacked = stackParams(runs);
      const second = unstackParams(stacked, 1);
      expect(flat(second)).toEqual(flat(runs[1] as Params));
      tf.dispose([runs, stacked, second]);
    });
  });
});
