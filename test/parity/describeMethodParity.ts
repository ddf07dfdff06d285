import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Seq2SeqBatch } from '../../src/model/batch';
import { loadT5 } from '../../src/model/checkpoint';
import { readSafetensors } from '../../src/model/safetensors';
import type { Tuning } from '../../src/model/sites';
import { logits, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { runLosses } from '../../src/training/loss';
import { methodNamed, methods } from '../../src/tuning';
import { disposeTuning, type Params } from '../../src/tuning/method';
import { stackParams } from '../../src/tuning/stack';
import { deviation, note, report, type Deviations } from './deviation';
import { parityBatch, readParityCase } from './parityCase';

/** A case of methods.py: the keys that differ from the method's defaults, and what is special about the model. */
type Case = {
  readonly config: { readonly method: string };
  readonly loss: number;
  readonly zeroDecoderBias: boolean;
};

const decoderBias = 'decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight';

/** The parity tests of every method on one checkpoint, against what methods.py wrote to a folder. */
export function describeMethodParity(name: string, modelFolder: string, folderOf: () => string): void {
  describe(`methods on ${name} equal PyTorch`, () => {
    const deviations: Deviations = new Map();
    let cases: Readonly<Record<string, Case>>;
    let tensors: Awaited<ReturnType<typeof readSafetensors>>['tensors'];
    let model: T5;
    let batch: Seq2SeqBatch;

    beforeAll(async () => {
      await useBackend('tensorflow');
      const folder = folderOf();
      ({ cases } = JSON.parse(readFileSync(path.join(folder, 'methods.json'), 'utf8')) as {
        cases: typeof cases;
      });
      ({ tensors } = await readSafetensors(path.join(folder, 'methods.safetensors')));
      model = await loadT5(modelFolder);
      batch = parityBatch(await readParityCase(modelFolder), model.config.padTokenId);
    });
    afterAll(() => {
      tf.dispose(batch);
      model.dispose();
      process.stdout.write(`parity of methods on ${name}, largest deviations: ${report(deviations)}\n`);
    });

    const valuesOf = (key: string): Float32Array => tensors.get(key)?.values ?? new Float32Array();

    it('in every method but Fine-Tuning, which stands beside the model', () => {
      const found = new Set(Object.values(cases).map(({ config }) => config.method));
      expect([...found, 'fine-tuning'].sort()).toEqual(methods.map((method) => method.name).sort());
    });

    it('in their logits, their loss and the gradient of every parameter', async () => {
      for (const [key, { config: changes, loss, zeroDecoderBias }] of Object.entries(cases)) {
        const method = methodNamed(changes.method);
        const config = { ...method.defaults, ...changes };
        const prefix = `${key}/parameter/`;
        const run: Params = Object.fromEntries(
          [...tensors]
            .filter(([tensor]) => tensor.startsWith(prefix))
            .map(([tensor, { values, shape }]) => [
              tensor.slice(prefix.length),
              tf.tensor(values, [...shape]),
            ]),
        );
        const shapes = Object.entries(run).map(([own, value]) => [own, value.shape]);
        expect(Object.fromEntries(shapes), key).toEqual(method.shapes(model.config, config));
        const zero = tf.zerosLike(model.weights.get(decoderBias) as tf.Tensor);
        const special = (tuning: Tuning): Tuning =>
          zeroDecoderBias
            ? { ...tuning, overrides: { ...tuning.overrides, [decoderBias]: zero.clone() } }
            : tuning;
        const params = stackParams([run]);
        const tuning = special(method.apply(model, config, params));
        const found = logits(model, batch, tuning);
        const off = deviation(await found.data(), valuesOf(`${key}/logits`));
        expect(note(deviations, 'logits', off), key).toBeLessThan(1e-4);
        disposeTuning(tuning);
        const names = Object.keys(params);
        const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]) => {
          const own = Object.fromEntries(names.map((one, i) => [one, inputs[i] as tf.Tensor]));
          return runLosses(model, batch, special(method.apply(model, config, own)), 1);
        })(Object.values(params));
        expect(note(deviations, 'loss', deviation(await value.data(), [loss])), key).toBeLessThan(1e-5);
        // The whole gradient's norm is the measure: a parameter may have none (a bias on keys).
        let [difference, size] = [0, 0];
        for (const [i, own] of names.entries()) {
          const expected = valuesOf(`${key}/gradient/${own}`);
          const gradient = await (grads[i] as tf.Tensor).data();
          expect(gradient, own).toHaveLength(expected.length);
          expected.forEach((e, j) => {
            difference += ((gradient[j] as number) - e) ** 2;
            size += e ** 2;
          });
        }
        const relative = Math.sqrt(difference / size);
        expect(note(deviations, 'gradient', relative), key).toBeLessThan(1e-4);
        tf.dispose([run, zero, params, found, value, grads]);
      }
    });
  });
}
