import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportPeft } from '../../src/experiments/exportPeft';
import { importPeft } from '../../src/experiments/importPeft';
import { loadTuning } from '../../src/experiments/loadTuning';
import type { Seq2SeqBatch } from '../../src/model/batch';
import { loadT5 } from '../../src/model/checkpoint';
import { readSafetensors } from '../../src/model/safetensors';
import { logits, type T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';
import { tf, useBackend } from '../../src/tensor/backend';
import { modelIdentity } from '../../src/training/modelIdentity';
import { environment, openRun, type RunConfig, writeAdapter } from '../../src/training/runStore';
import { methodNamed } from '../../src/tuning';
import { smallConfig } from '../support/methodCases';
import { temporaryFolder } from '../support/temporaryFolder';
import { deviation, note, report, type Deviations } from './deviation';
import { parityBatch, readParityCase } from './parityCase';

/** A Python that has torch, transformers and peft; without it only what it wrote once is compared with. */
const python = process.env['SPT_PEERS'];
const script = path.join(__dirname, 'peftAdapters.py');
const fixtures = path.join(__dirname, '..', 'fixtures');
const context = { model: 'a model', task: 'e2e', root: null };

/** Runs of ours that peft can represent, by the name of their adapter's folder: the method and what differs in it. */
const ours: Readonly<Record<string, readonly [method: string, changes: object]>> = {
  prompt: ['prompt-tuning', {}],
  scaled: ['scaled-prompt-tuning', {}],
  affine: ['scaled-prompt-tuning', { scaling: 'affine' }],
  residual: ['residual-prompt-tuning', {}],
  lora: ['lora', { targets: ['value', 'output'] }],
  ia3: ['ia3', {}],
  prefix: ['prefix-tuning', { places: ['decoder'], relativeBias: true }],
};

describe.each(['v1.0', 'v1.1'])('peft adapters on %s', (name) => {
  const modelFolder = path.join(fixtures, 'parity', name);
  const deviations: Deviations = new Map();
  let model: T5;
  let batch: Seq2SeqBatch;

  beforeAll(async () => {
    await useBackend('tensorflow');
    model = await loadT5(modelFolder);
    batch = parityBatch(await readParityCase(modelFolder), model.config.padTokenId);
  });
  afterAll(() => {
    tf.dispose(batch);
    model.dispose();
    process.stdout.write(`peft adapters on ${name}, largest deviations: ${report(deviations)}\n`);
  });

  async function logitsOf(run: string): Promise<Float32Array> {
    const { tuning, dispose } = await loadTuning(model, run);
    const found = logits(model, batch, tuning);
    const values = (await found.data()) as Float32Array;
    dispose();
    found.dispose();
    return values;
  }

  /** A finished run whose parameters are away from their start. */
  async function writeRun(run: string, method: string, changes: object): Promise<void> {
    const config = smallConfig(methodNamed(method), changes) as RunConfig['method'];
    const rng = random(`run ${method}`);
    const start = await methodNamed(method).init(model, config, rng);
    const params = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(start).map(([key, value]) => [
          key,
          value.add(
            tf.tensor(
              Float32Array.from({ length: value.size }, () => 0.4 * rng.normal()),
              value.shape,
            ),
          ),
        ]),
      ),
    );
    const identity = await modelIdentity(model);
    await openRun(
      run,
      { context, model: identity, method: config, training: null, seed: 0, train: null, dev: null },
      environment(),
    );
    await writeAdapter(run, params);
    tf.dispose([start, params]);
  }

  /** Adapters that peft wrote are imported and computed with. */
  async function expectImports(folder: string): Promise<void> {
    const { tensors } = await readSafetensors(path.join(folder, 'logits.safetensors'));
    expect([...tensors.keys()].sort()).toEqual(
      ['ia3', 'lora', 'lora-stabilised', 'prefix', 'prefix-projected', 'prompt'].sort(),
    );
    for (const [adapter, { values }] of tensors) {
      const run = path.join(temporaryFolder(), 'run');
      const config = await importPeft(model, path.join(folder, adapter), run, context);
      expect(config).toMatchObject({ context, training: null });
      const off = deviation(await logitsOf(run), values);
      expect(note(deviations, `${adapter} imported`, off), adapter).toBeLessThan(1e-4);
    }
  }

  it('are imported with the logits that peft gives by them', () =>
    expectImports(path.join(fixtures, 'peft', name)));

  it('exported again, are the files that peft wrote', async () => {
    for (const adapter of ['prompt', 'lora', 'ia3', 'prefix']) {
      const from = path.join(fixtures, 'peft', name, adapter);
      const [run, out] = [path.join(temporaryFolder(), 'run'), temporaryFolder()];
      await importPeft(model, from, run, context);
      await exportPeft(run, out);
      // peft keeps modules as a set.
      const settings = (folder: string): Record<string, unknown> =>
        JSON.parse(readFileSync(path.join(folder, 'adapter_config.json'), 'utf8'), (_key, value: unknown) =>
          Array.isArray(value) ? value.toSorted() : value,
        ) as Record<string, unknown>;
      // Of a prompt the decoder's rows are left out, which peft stores and does not read; a prefix may be dealt out anew.
      const differing = { prompt: ['num_transformer_submodules'], prefix: ['num_layers'] }[adapter] ?? [];
      const written = Object.entries(settings(out)).filter(([key]) => !differing.includes(key));
      expect(Object.keys(settings(out)), adapter).toEqual(Object.keys(settings(out)).toSorted());
      expect(settings(from), adapter).toMatchObject({
        ...Object.fromEntries(written),
        base_model_name_or_path: expect.any(String) as string,
      });
      if (differing.length > 0) continue;
      const tensors = (folder: string): ReturnType<typeof readSafetensors> =>
        readSafetensors(path.join(folder, 'adapter_model.safetensors'));
      const [theirs, again] = [await tensors(from), await tensors(out)];
      expect(Object.fromEntries(again.tensors)).toEqual(Object.fromEntries(theirs.tensors));
      expect(again.metadata).toEqual(theirs.metadata);
    }
  });

  it('of our runs are read back with the same logits, and nothing leaks', async () => {
    for (const [key, [method, changes]] of Object.entries(ours)) {
      const folder = temporaryFolder();
      const [run, adapter, back] = ['run', 'adapter', 'back'].map((one) => path.join(folder, one)) as [
        string,
        string,
        string,
      ];
      await writeRun(run, method, changes);
      const before = tf.memory().numTensors;
      await exportPeft(run, adapter);
      await importPeft(model, adapter, back, context);
      expect(tf.memory().numTensors).toBe(before);
      expect(readdirSync(adapter).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
      expect(deviation(await logitsOf(back), await logitsOf(run)), key).toBeLessThan(1e-4);
    }
  });

  it('are refused in one line where there is no such thing there or here', async () => {
    const folder = temporaryFolder();
    const refused = async (method: string, changes: object): Promise<string> => {
      const run = path.join(folder, `${method}-${JSON.stringify(changes)}`);
      await writeRun(run, method, changes);
      const out = path.join(folder, 'out');
      const error = await exportPeft(run, out).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(readdirSync(folder)).not.toContain('out');
      return (error?.message ?? 'none').replace(`${run}: `, 'RUN: ');
    };
    for (const method of ['adapter', 'compacter', 'unipelt', 'bitfit', 'dept'])
      expect(await refused(method, {})).toBe(
        `RUN: ${method}: peft has no such method, nor does a run fold into one of prompt-tuning, prefix-tuning, lora, ia3`,
      );
    expect(await refused('prefix-tuning', {})).toBe(
      'RUN: prefix-tuning: peft has it at places decoder with relativeBias true only; found places encoder, decoder, cross, relativeBias false',
    );
    expect(await refused('scaled-prompt-tuning', { scaling: 'input-gated' })).toBe(
      'RUN: scaling input-gated: depends on the input, so it folds into no plain prompt',
    );

    const changed = async (adapter: string, changes: object): Promise<string> => {
      const [from, to] = [path.join(fixtures, 'peft', name, adapter), path.join(folder, 'changed')];
      const settings = JSON.parse(readFileSync(path.join(from, 'adapter_config.json'), 'utf8')) as object;
      mkdirSync(to, { recursive: true });
      writeFileSync(path.join(to, 'adapter_config.json'), JSON.stringify({ ...settings, ...changes }));
      writeFileSync(
        path.join(to, 'adapter_model.safetensors'),
        readFileSync(path.join(from, 'adapter_model.safetensors')),
      );
      const run = path.join(folder, 'imported');
      const error = await importPeft(model, to, run, context).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(readdirSync(folder)).not.toContain('imported');
      return (error?.message ?? 'none').replace(to, 'DIR');
    };
    expect(await changed('lora', { peft_type: 'OFT' })).toBe(
      'DIR/adapter_config.json: peft_type must be one of PROMPT_TUNING, PREFIX_TUNING, LORA, IA3; found "OFT"',
    );
    expect(await changed('lora', { use_dora: true })).toBe(
      'DIR/adapter_config.json: use_dora: must be empty, lora here has no such thing; found true',
    );
    expect(await changed('lora', { target_modules: ['q', 'wo'] })).toMatch(
      /^DIR\/adapter_config\.json: target_modules\.1: .*"q"\|"k"\|"v"\|"o".*; found "wo"$/,
    );
    expect(await changed('lora', { target_modules: ['q'] })).toMatch(
      /^DIR\/adapter_model\.safetensors: tensor base_model\.model\.\S+\.v\.lora_A\.weight is none that /,
    );
    expect(await changed('lora', { r: 4 })).toMatch(
      /: tensor \S+ must be \[4, 16\] for this model; found \[2, 16\]$/,
    );
    expect(await changed('ia3', { feedforward_modules: [] })).toBe(
      'DIR/adapter_config.json: feedforward_modules: must be wo; found []',
    );
    writeFileSync(path.join(folder, 'changed', 'adapter_config.json'), '[]');
    await expect(
      importPeft(model, path.join(folder, 'changed'), path.join(folder, 'imported'), context),
    ).rejects.toThrow('adapter_config.json: damaged: must be a JSON object');
    await expect(importPeft(model, folder, path.join(folder, 'imported'), context)).rejects.toThrow(
      `${folder}: no PEFT adapter: it holds no adapter_config.json`,
    );
  });

  describe.skipIf(python === undefined)('live (SPT_PEERS is set)', { timeout: 600_000 }, () => {
    const run = (...args: string[]): Promise<unknown> =>
      promisify(execFile)(python as string, [script, ...args], {
        env: { ...process.env, HF_HUB_OFFLINE: '1' },
      });

    it('with fresh parameters are imported with the logits that peft gives by them', async () => {
      const folder = temporaryFolder();
      await run('write', '--model', modelFolder, '--out', folder, '--seed', '1');
      await expectImports(path.join(folder, name));
    });

    it('of our runs are loaded by peft, and give the same logits', async () => {
      const [runs, adapters] = [temporaryFolder(), temporaryFolder()];
      for (const [key, [method, changes]] of Object.entries(ours)) {
        await writeRun(path.join(runs, key), method, changes);
        await exportPeft(path.join(runs, key), path.join(adapters, key));
      }
      const file = path.join(runs, 'logits.safetensors');
      await run('read', '--model', modelFolder, '--adapters', adapters, '--out', file);
      const { tensors } = await readSafetensors(file);
      expect([...tensors.keys()].sort()).toEqual(Object.keys(ours).sort());
      for (const [key, { values }] of tensors) {
        const off = deviation(await logitsOf(path.join(runs, key)), values);
        expect(note(deviations, `${key} exported`, off), key).toBeLessThan(1e-4);
      }
    });
  });
});
