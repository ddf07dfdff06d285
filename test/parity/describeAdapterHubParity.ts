import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seq2SeqBatch } from '../../src/model/batch';
import { loadT5 } from '../../src/model/checkpoint';
import { readSafetensors } from '../../src/model/safetensors';
import type { WeightName } from '../../src/model/sites';
import { logits, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { methodNamed } from '../../src/tuning';
import { disposeTuning, type Params } from '../../src/tuning/method';
import { stackParams } from '../../src/tuning/stack';
import { deviation, note, report, type Deviations } from './deviation';

/** A case of adapterHub.py: the keys that differ from the method's defaults, its inputs, and what is special about it. */
type Case = {
  readonly config: { readonly method: string };
  readonly zeroBias: boolean;
  /** AdapterHub gives other numbers here, as the method's doc comment says. */
  readonly differs: boolean;
  readonly sources: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
};

/** The parity tests on one checkpoint of the methods that AdapterHub has, against what adapterHub.py wrote to a folder. */
export function describeAdapterHubParity(name: string, modelFolder: string, folderOf: () => string): void {
  describe(`methods on ${name} equal AdapterHub's`, () => {
    const deviations: Deviations = new Map();
    let cases: Readonly<Record<string, Case>>;
    let tensors: Awaited<ReturnType<typeof readSafetensors>>['tensors'];
    let model: T5;

    beforeAll(async () => {
      await useBackend('tensorflow');
      const folder = folderOf();
      ({ cases } = JSON.parse(readFileSync(path.join(folder, 'adapterHub.json'), 'utf8')) as {
        cases: typeof cases;
      });
      ({ tensors } = await readSafetensors(path.join(folder, 'adapterHub.safetensors')));
      model = await loadT5(modelFolder);
    });
    afterAll(() => {
      model.dispose();
      process.stdout.write(`parity with AdapterHub on ${name}, largest deviations: ${report(deviations)}\n`);
    });

    function paramsOf(key: string): Params {
      const prefix = `${key}/parameter/`;
      const own = [...tensors].filter(([tensor]) => tensor.startsWith(prefix));
      return Object.fromEntries(
        own.map(([tensor, { values, shape }]) => [
          tensor.slice(prefix.length),
          tf.tensor(values, [...shape]),
        ]),
      );
    }

    function zeroBiases(): Readonly<Partial<Record<WeightName, tf.Tensor>>> {
      const biases = [...model.weights].filter(([weight]) =>
        weight.endsWith('relative_attention_bias.weight'),
      );
      return Object.fromEntries(biases.map(([weight, value]) => [weight, tf.zerosLike(value)]));
    }

    async function deviationOf(key: string, { config: changes, zeroBias, ...inputs }: Case): Promise<number> {
      const method = methodNamed(changes.method);
      const config = { ...method.defaults, ...changes };
      const run = paramsOf(key);
      const shapes = Object.entries(run).map(([own, value]) => [own, value.shape]);
      expect(Object.fromEntries(shapes), key).toEqual(method.shapes(model.config, config));
      const params = stackParams([run]);
      const tuning = method.apply(model, config, params);
      const overrides = zeroBias ? zeroBiases() : {};
      const batch = seq2SeqBatch(
        inputs.sources.map((source, i) => ({ source, target: inputs.targets[i] ?? [] })),
        model.config.padTokenId,
      );
      const found = logits(model, batch, { ...tuning, overrides: { ...tuning.overrides, ...overrides } });
      const off = deviation(await found.data(), tensors.get(`${key}/logits`)?.values ?? new Float32Array());
      disposeTuning(tuning);
      tf.dispose([run, params, found, batch, overrides]);
      return off;
    }

    it('in the logits of Adapter, Compacter, Prefix-Tuning and UniPELT', async () => {
      const equal = Object.entries(cases).filter(([, { differs }]) => !differs);
      const found = new Set(equal.map(([, { config }]) => config.method));
      expect([...found].sort()).toEqual(['adapter', 'compacter', 'prefix-tuning', 'unipelt']);
      for (const [key, one] of equal)
        expect(note(deviations, key, await deviationOf(key, one)), key).toBeLessThan(1e-4);
    });

    it('and differ where their doc comments say so', async () => {
      const different = Object.entries(cases).filter(([, { differs }]) => differs);
      expect(different.map(([key]) => key)).toEqual(['prefix-tuning as it is', 'unipelt with padding']);
      for (const [key, one] of different)
        expect(note(deviations, key, await deviationOf(key, one)), key).toBeGreaterThan(1e-3);
    });
  });
}
