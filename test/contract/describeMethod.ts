import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seq2SeqBatch, type Seq2SeqBatch } from '../../src/model/batch';
import { initT5 } from '../../src/model/checkpoint';
import { decodeStep, startDecoding } from '../../src/model/cachedDecoding';
import { generate } from '../../src/model/decode';
import type { Tuning } from '../../src/model/sites';
import { encode, logits, pass, type T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';
import { tf, useBackend } from '../../src/tensor/backend';
import { disposeTuning, type Folded, parameterCount, type Params } from '../../src/tuning/method';
import { stackParams, unstackParams } from '../../src/tuning/stack';
import { runLosses } from '../../src/training/loss';
import { loadAdapter, writeAdapter } from '../../src/training/runStore';
import { trainPopulation } from '../../src/training/trainer';
import type { T5Config } from '../../src/model/config';
import { gradients as gradientsOf } from '../../src/training/step';
import type { MethodCase } from '../support/methodCases';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyExamples } from '../support/tinyT5';

function flat(tensors: Readonly<Record<string, tf.Tensor>>): number[] {
  return Object.values(tensors).flatMap((tensor) => Array.from(tensor.dataSync()));
}

/** Largest difference of two tensors, relative to the second's largest magnitude. */
function difference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.div(tf.max(tf.abs(tf.sub(a, b))), tf.max(tf.abs(b))).dataSync()[0] as number);
}

/** A softmax does not see what all keys share, so a bias on keys changes nothing and has no gradient. */
const hasNoGradient = (method: string, name: string): boolean => method === 'bitfit' && name.endsWith('.key');

/**
 * What every method must hold to, on a tiny T5 of a shape. `trains`: a short training too, which the whole table gets once.
 */
export function describeMethods(
  title: string,
  shape: T5Config,
  cases: readonly MethodCase[],
  trains: boolean,
): void {
  describe(title, () => {
    let model: T5;
    let batch: Seq2SeqBatch;
    const examples = tinyExamples(3);

    beforeAll(async () => {
      await useBackend('tensorflow');
      model = initT5(shape, random(1));
      batch = seq2SeqBatch(examples, model.config.padTokenId);
    });
    afterAll(() => {
      tf.dispose(batch);
      model.dispose();
    });

    const start = ({ method, config }: MethodCase, seed: number): Promise<Params> =>
      method.init(model, config, random(seed));

    /** Parameters away from their start, where nothing is zero or one by chance; what is kept stays. */
    async function away(of: MethodCase, seed: number): Promise<Params> {
      const params = await start(of, seed);
      const frozen = of.method.frozen?.(of.config) ?? [];
      const rng = random(`away ${seed}`);
      const moved = Object.entries(params).map(([name, value]): [string, tf.Tensor] => {
        const by = Float32Array.from({ length: value.size }, () => 0.1 * rng.normal());
        return [
          name,
          frozen.includes(name) ? value.clone() : tf.tidy(() => value.add(tf.tensor(by, value.shape))),
        ];
      });
      tf.dispose(params);
      return Object.fromEntries(moved);
    }

    /** Uses the tuning of one run's parameters, and frees it. */
    async function tuned<T>(
      { method, config }: Pick<MethodCase, 'method' | 'config'>,
      params: Params,
      use: (tuning: Tuning) => T | Promise<T>,
    ): Promise<T> {
      const stacked = stackParams([params]);
      const tuning = method.apply(model, config, stacked);
      const result = await use(tuning);
      disposeTuning(tuning);
      tf.dispose(stacked);
      return result;
    }

    describe.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
      const { method, config } = one;
      const lossOf = (params: Params): tf.Scalar =>
        tf.sum(runLosses(model, batch, method.apply(model, config, stackParams([params])), 1));

      test('has the parameters that its shapes say, and starts as the identity exactly where it says so', async () => {
        const params = await start(one, 1);
        const found = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.shape]));
        expect(found).toEqual(method.shapes(shape, config));
        const frozen = method.frozen?.(config) ?? [];
        const trained = Object.entries(params).filter(([name]) => !frozen.includes(name));
        expect(parameterCount(method, shape, config)).toBe(
          trained.reduce((sum, [, { size }]) => sum + size, 0),
        );
        const plain = logits(model, batch);
        const changed = await tuned(one, params, (tuning) => {
          const found = logits(model, batch, tuning);
          const by = difference(found, plain);
          found.dispose();
          return by;
        });
        if (method.startsAsIdentity) expect(changed).toBeLessThan(1e-5);
        else expect(changed).toBeGreaterThan(1e-4);
        tf.dispose([params, plain]);
      });

      test('the gradient reaches every parameter and agrees with central differences', async () => {
        const params = await away(one, 2);
        const frozen = method.frozen?.(config) ?? [];
        const names = Object.keys(params).filter((name) => !frozen.includes(name));
        const values = names.map((name) => params[name] as tf.Tensor);
        const named = (list: readonly tf.Tensor[]): Params => ({
          ...params,
          ...Object.fromEntries(names.map((name, i) => [name, list[i] as tf.Tensor])),
        });
        const gradients = tf.grads((...list: tf.Tensor[]) => lossOf(named(list)))(values);
        const norms = gradients.map((gradient) => tf.norm(gradient).dataSync()[0] as number);
        const norm = Math.hypot(...norms);
        norms.forEach((own, i) => {
          if (hasNoGradient(method.name, names[i] as string)) expect(own, names[i]).toBeLessThan(1e-5 * norm);
          else expect(own, names[i]).toBeGreaterThan(1e-6 * norm);
        });
        const rng = random(3);
        for (let direction = 0; direction < 10; direction++) {
          // The first along the gradient, where the slope is largest; the others anywhere.
          const raw = gradients.map((g) =>
            direction === 0
              ? g.clone()
              : tf.tensor(
                  Float32Array.from({ length: g.size }, () => rng.normal()),
                  g.shape,
                ),
          );
          const length = Math.hypot(...raw.map((g) => tf.norm(g).dataSync()[0] as number));
          const along =
            gradients.reduce(
              (sum, g, i) => sum + (tf.sum(tf.mul(g, raw[i] as tf.Tensor)).dataSync()[0] as number),
              0,
            ) / length;
          const shifted = (by: number): number =>
            tf.tidy(
              () =>
                lossOf(
                  named(values.map((v, i) => tf.add(v, tf.mul(raw[i] as tf.Tensor, by / length)))),
                ).dataSync()[0] as number,
            );
          // Short enough for curvature and kinks, long enough for float32.
          const size = 0.01;
          const slope = (shifted(size) - shifted(-size)) / (2 * size);
          expect(Math.abs(slope - along), `direction ${direction}, ${along}`).toBeLessThan(
            0.01 * norm + 1e-4,
          );
          tf.dispose(raw);
        }
        tf.dispose([params, gradients]);
      });

      test.skipIf(!one.folds)('folds into the same outputs', async () => {
        const params = await away(one, 4);
        const expected = await tuned(one, params, (tuning) => logits(model, batch, tuning));
        const before = tf.memory().numTensors;
        const folded = method.fold?.(model, config, params) as Folded;
        expect(tf.memory().numTensors - before).toBe(Object.keys(folded.params).length);
        const found = await tuned(folded, folded.params, (tuning) => logits(model, batch, tuning));
        expect(difference(found, expected)).toBeLessThan(1e-5);
        tf.dispose([params, folded.params, expected, found]);
      });

      test('decodes with cached keys and values as without', async () => {
        const params = await away(one, 5);
        const rows = batch.source.ids.shape[0];
        await tuned(one, params, async (tuning) => {
          const ids = await generate(model, batch.source, { maxNewTokens: 4, minNewTokens: 4 }, tuning);
          const target = seq2SeqBatch(
            ids.map((own, i) => ({ source: examples[i]?.source ?? [], target: own })),
            model.config.padTokenId,
          );
          const whole = logits(model, target, tuning);
          const steps = tf.tidy(() => {
            const of = pass(model, tuning);
            let state = startDecoding(of, encode(of, batch.source), 4);
            const found: tf.Tensor[] = [];
            for (let step = 0; step < 4; step++) {
              const last = ids.map((own) =>
                step === 0 ? model.config.decoderStartTokenId : (own[step - 1] as number),
              );
              const next = decodeStep(of, state, tf.tensor1d(last, 'int32'), step);
              state = { ...state, past: next.past };
              found.push(next.logits);
            }
            return tf.stack(found, 1);
          });
          expect(difference(steps, whole)).toBeLessThan(1e-4);
          const beams = await generate(model, batch.source, { numBeams: 2, maxNewTokens: 3 }, tuning);
          expect(beams).toHaveLength(rows);
          tf.dispose([target, whole, steps]);
        });
        tf.dispose(params);
      });

      test('saved and loaded, gives the same output bit for bit', async () => {
        const params = await away(one, 6);
        const folder = temporaryFolder();
        await writeAdapter(folder, params);
        writeFileSync(join(folder, 'config.json'), JSON.stringify({ method: config }));
        const loaded = await loadAdapter(folder);
        const outputs = async (of: object, own: Params): Promise<Float32Array> =>
          tuned({ method, config: of }, own, (tuning) => {
            const found = logits(model, batch, tuning);
            const values = found.dataSync() as Float32Array;
            found.dispose();
            return values;
          });
        expect(await outputs(loaded.config.method, loaded.params)).toEqual(await outputs(config, params));
        tf.dispose([params, loaded.params]);
      });

      test('several runs in one step have the losses and gradients that each has alone', async () => {
        const runs = await Promise.all(
          [7, 8].slice(0, method.batchesRuns ? 2 : 1).map((seed) => away(one, seed)),
        );
        const perRun = runs.map((_, i) => tinyExamples(2, i));
        const options = { batch: 2, accumulation: 1, labelSmoothing: 0 };
        const inOneStep = (params: Params, examples: typeof perRun) =>
          gradientsOf(
            { model, method, blocks: [{ methodConfig: config, runs: examples.length }] },
            [params],
            examples,
            options,
          );
        const stacked = stackParams(runs);
        const together = inOneStep(stacked, perRun);
        for (const [i, run] of runs.entries()) {
          const single = stackParams([run]);
          const alone = inOneStep(single, [perRun[i] ?? []]);
          const own: Params = unstackParams({ loss: together.losses, ...together.grads[0] }, i);
          expect(difference(own['loss'] as tf.Tensor, alone.losses.squeeze())).toBeLessThan(1e-5);
          for (const [name, gradient] of Object.entries(alone.grads[0] ?? {}))
            if (!hasNoGradient(method.name, name))
              expect(difference(own[name] as tf.Tensor, gradient.squeeze([0])), name).toBeLessThan(1e-4);
          tf.dispose([single, alone, own]);
        }
        tf.dispose([runs, stacked, together]);
      });

      if (!trains) return;
      test('training changes its own parameters only, and leaks no tensor', async () => {
        const weights = flat(Object.fromEntries(model.weights));
        const run = { seed: 1, train: examples, dev: examples };
        const training = (steps: number) =>
          trainPopulation(model, method, config, [run], {
            steps,
            batch: 2,
            learningRate: 0.01,
            optimizer: { name: 'adafactor', weightDecay: 0.1 },
          });
        const first = await training(1);
        tf.dispose(first.runs.map(({ params }) => params));
        const tensors = tf.memory().numTensors;
        const trained = await training(5);
        const params = trained.runs[0]?.params ?? {};
        const initial = await method.init(model, config, random(1).fork('init'));
        expect(flat(Object.fromEntries(model.weights))).toEqual(weights);
        const frozen = method.frozen?.(config) ?? [];
        for (const [name, value] of Object.entries(initial)) {
          const [before, after] = [value.dataSync(), (params[name] as tf.Tensor).dataSync()];
          if (frozen.includes(name)) expect(after, name).toEqual(before);
          else expect(after, name).not.toEqual(before);
        }
        tf.dispose([initial, ...trained.runs.map((result) => result.params)]);
        expect(tf.memory().numTensors).toBe(tensors);
      });

      test('a population equals single runs', async () => {
        const [count, steps] = [3, 8];
        const runs = Array.from({ length: count }, (___, seed) => ({ seed, train: tinyExamples(6, seed) }));
        const losses = async (of: typeof runs): Promise<number[][]> => {
          const seen = new Map<number, number[]>();
          const trained = await trainPopulation(
            model,
            method,
            config,
            of,
            { steps, batch: 2, learningRate: 0.01, clipNorm: 1 },
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
          expect(alone).toHaveLength(steps);
          alone.forEach((loss, step) =>
            expect(
              Math.abs((together[i]?.[step] ?? NaN) - loss) / loss,
              `seed ${i} step ${step}`,
            ).toBeLessThan(1e-4),
          );
        }
      });
    });
  });
}
