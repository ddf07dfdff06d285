import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/model/safetensors';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { loadAdapter, readMetrics } from '../../src/training/runStore';
import { train, trainPopulation, type Trained, type TrainOptions } from '../../src/training/trainer';
import type { TrainConfigInput } from '../../src/training/trainConfig';
import { fineTuning } from '../../src/tuning/fineTuning';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => {
  model.dispose();
});

const spt = { ...scaledPromptTuning.defaults, length: 3 };
const config: TrainConfigInput = {
  steps: 10,
  batch: 3,
  learningRate: 0.3,
  optimizer: { name: 'adafactor' },
  evaluateEvery: 2,
  checkpointEvery: 4,
};

const runOf = (
  seed: number,
): { seed: number; train: ReturnType<typeof tinyExamples>; dev: ReturnType<typeof tinyExamples> } => ({
  seed,
  train: tinyExamples(5, seed),
  dev: tinyExamples(3, seed + 50),
});

async function population(
  seeds: readonly number[],
  options: TrainOptions,
  change: Partial<TrainConfigInput> = {},
): Promise<Trained> {
  const trained = await trainPopulation(
    model,
    scaledPromptTuning,
    spt,
    seeds.map(runOf),
    { ...config, ...change },
    options,
  );
  tf.dispose(trained.runs.map(({ params }) => params));
  return trained;
}

const bytes = (folder: string, seeds: readonly number[]): string[] =>
  seeds.flatMap((seed) =>
    ['adapter.safetensors', 'metrics.jsonl'].map((file) =>
      readFileSync(join(folder, seeds.length === 1 ? '' : `seed-${seed}`, file)).toString('hex'),
    ),
  );

/** Options that abort after a step. */
function stopAfter(out: string, step: number): TrainOptions {
  const controller = new AbortController();
  return {
    out,
    signal: controller.signal,
    onProgress: (event) => {
      if (event.kind === 'step' && event.step === step) controller.abort();
    },
  };
}

describe('a run folder', () => {
  it('holds config, metrics, adapter and checkpoint, and gives the adapter back', async () => {
    const out = join(temporaryFolder(), 'a', 'run');
    const context = { model: 'tiny', shots: 5 };
    const trained = await train(model, scaledPromptTuning, spt, runOf(7), config, { out, context });
    expect(readdirSync(out).sort()).toEqual([
      'adapter.safetensors',
      'checkpoint',
      'config.json',
      'metrics.jsonl',
    ]);
    expect(readdirSync(join(out, 'checkpoint'))).toEqual(['state.safetensors']);
    const adapter = await loadAdapter(out);
    expect(adapter.config).toMatchObject({
      context,
      seed: 7,
      method: { method: 'scaled-prompt-tuning', length: 3, scaling: 'token-wise' },
      training: { steps: 10, optimizer: { name: 'adafactor', clipThreshold: 1 } },
      train: { examples: 5 },
      dev: { examples: 3 },
    });
    expect(adapter.params['prompt']?.shape).toEqual([3, 16]);
    expect(adapter.params['scale']?.shape).toEqual(trained.params['scale']?.shape);
    expect(await adapter.params['prompt']?.data()).toEqual(await trained.params['prompt']?.data());
    expect(readMetrics(out)).toEqual(trained.metrics);
    expect(trained.metrics.map(({ step }) => step)).toEqual([1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10]);
    tf.dispose([trained.params, adapter.params]);
  });

  it('that is finished returns at once, with the same result', async () => {
    const out = temporaryFolder();
    const tensors = tf.memory().numTensors;
    const first = await population([1, 2], { out });
    const events: string[] = [];
    const second = await population([2, 1], { out, onProgress: ({ kind }) => events.push(kind) });
    expect(events).toEqual([]);
    expect(second.stopped).toBe(false);
    expect(second.runs.map(({ seed, best, metrics }) => ({ seed, best, metrics }))).toEqual(
      [...first.runs].reverse().map(({ seed, best, metrics }) => ({ seed, best, metrics })),
    );
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('of another config is refused, the keys named', async () => {
    const out = temporaryFolder();
    await population([1], stopAfter(out, 1));
    await expect(
      population([1], { out, context: { shots: 5 } }, { steps: 20, learningRate: 0.1 }),
    ).rejects.toThrow(
      `${out}: holds a run with another config: context.shots (there absent, asked 5); ` +
        'training.steps (there 10, asked 20); training.learningRate (there 0.3, asked 0.1); choose another folder',
    );
    const other = { ...runOf(1), train: tinyExamples(5, 99) };
    await expect(train(model, scaledPromptTuning, spt, other, config, { out })).rejects.toThrow(
      'train.sha256',
    );
    const otherModel = tinyT5(2);
    await expect(train(otherModel, scaledPromptTuning, spt, runOf(1), config, { out })).rejects.toThrow(
      'model.embeddingStart',
    );
    otherModel.dispose();
    expect(existsSync(join(out, '.lock'))).toBe(false);
  });

  it('of one run takes no population, and the reverse', async () => {
    const [one, several] = [temporaryFolder(), temporaryFolder()];
    await population([1], { out: one });
    await population([1, 2], { out: several });
    await expect(population([1, 2], { out: one })).rejects.toThrow(`${one}: holds a single run; asked for 2`);
    await expect(population([1], { out: several })).rejects.toThrow(
      `${several}: holds a population of runs; asked for a single one`,
    );
    expect(existsSync(join(one, 'seed-1'))).toBe(false);
    expect(existsSync(join(several, 'config.json'))).toBe(false);
  });
});

describe('a stopped training', () => {
  it.each([[[1]], [[1, 2, 3]]])('goes on where it was, to the same bytes (seeds %j)', async (seeds) => {
    const [whole, broken] = [temporaryFolder(), temporaryFolder()];
    await population(seeds, { out: whole });
    for (const step of [3, 7]) {
      const trained = await population(seeds, stopAfter(broken, step));
      expect(trained.stopped).toBe(true);
      expect(trained.runs[0]?.metrics.at(-1)?.step).toBe(step);
    }
    const starts: number[] = [];
    const last = await population([...seeds].reverse(), {
      out: broken,
      onProgress: ({ kind, step }) => {
        if (kind === 'start') starts.push(step);
      },
    });
    expect(starts).toEqual([7]);
    expect(last.runs.map(({ seed }) => seed)).toEqual([...seeds].reverse());
    expect(bytes(broken, seeds)).toEqual(bytes(whole, seeds));
  });

  it('of runs one after the other keeps those that are finished', async () => {
    const [whole, broken] = [temporaryFolder(), temporaryFolder()];
    const runs = [1, 2].map(runOf);
    const settings: TrainConfigInput = { steps: 4, batch: 3, learningRate: 1e-3, checkpointEvery: 2 };
    const attempt = async (options: TrainOptions): Promise<Trained> => {
      const trained = await trainPopulation(model, fineTuning, fineTuning.defaults, runs, settings, options);
      tf.dispose(trained.runs.map(({ params }) => params));
      return trained;
    };
    await attempt({ out: whole });
    const controller = new AbortController();
    const stopped = await attempt({
      out: broken,
      signal: controller.signal,
      onProgress: ({ kind, step, seeds }) => {
        if (kind === 'step' && seeds[0] === 2 && step === 3) controller.abort();
      },
    });
    expect(stopped.stopped).toBe(true);
    const steps: string[] = [];
    await attempt({
      out: broken,
      onProgress: ({ kind, step, seeds }) => {
        if (kind === 'step') steps.push(`${seeds.join()}: ${step}`);
      },
    });
    expect(steps).toEqual(['2: 4']);
    expect(bytes(broken, [1, 2])).toEqual(bytes(whole, [1, 2]));
  });

  it('before its first step keeps nothing but can begin', async () => {
    const out = temporaryFolder();
    const trained = await population([1], { out, signal: AbortSignal.abort() });
    expect(trained.stopped).toBe(true);
    expect(trained.runs[0]?.metrics).toEqual([]);
    expect((await population([1], { out })).stopped).toBe(false);
  });

  it('that lost an adapter at its very end writes it again', async () => {
    const out = temporaryFolder();
    await population([1, 2], { out });
    const before = bytes(out, [1, 2]);
    rmSync(join(out, 'seed-2', 'adapter.safetensors'));
    await population([1, 2], { out });
    expect(bytes(out, [1, 2])).toEqual(before);
  });
});

describe('a population', () => {
  it('that grows trains the new seeds only', async () => {
    const [whole, grown] = [temporaryFolder(), temporaryFolder()];
    await population([1, 2], { out: grown });
    const seen = new Set<string>();
    const trained = await population([1, 2, 3], {
      out: grown,
      onProgress: ({ seeds }) => seen.add(seeds.join()),
    });
    expect([...seen]).toEqual(['3']);
    const all = await population([1, 2, 3], { out: whole });
    for (const [i, { metrics }] of all.runs.entries())
      metrics.forEach((metric, line) => {
        const other = trained.runs[i]?.metrics[line];
        const [a, b] = [metric, other].map((m) => Object.values(m ?? {})[1] as number) as [number, number];
        expect(Math.abs(b / a - 1)).toBeLessThan(1e-4);
      });
  });

  it('that is unfinished goes on before the runs that are new', async () => {
    const out = temporaryFolder();
    await population([1, 2], stopAfter(out, 5));
    const starts: string[] = [];
    await population([1, 2, 3], {
      out,
      onProgress: ({ kind, names, step }) => {
        if (kind === 'start') starts.push(`${names.join()} after ${step}`);
      },
    });
    expect(starts).toEqual(['seed-1,seed-2 after 5', 'seed-3 after 0']);
  });

  it('that is unfinished keeps its runs', async () => {
    const out = temporaryFolder();
    await population([1, 2, 4], stopAfter(out, 5));
    await expect(population([1, 2], { out })).rejects.toThrow(
      `${out}: holds the unfinished runs seed-1, seed-2, seed-4; asked for seed-1, seed-2: ask for the same runs or choose another folder`,
    );
  });
});

describe('a population of runs that differ', () => {
  const specs = [
    { name: 'long', seed: 1, method: { length: 5 } },
    { name: 'plain', seed: 1 },
    { name: 'scalar', seed: 2, method: { scaling: 'scalar' }, context: { shots: 5 } },
    { name: 'slow', seed: 1, training: { learningRate: 0.1 } },
    { name: 'coarse', seed: 1, training: { logEvery: 5 } },
  ].map((spec) => ({ ...runOf(spec.seed), ...spec }));
  const files = ['adapter.safetensors', 'config.json', 'metrics.jsonl'];
  const attempt = async (runs: typeof specs, options: TrainOptions): Promise<Trained> => {
    const trained = await trainPopulation(model, scaledPromptTuning, spt, runs, config, options);
    tf.dispose(trained.runs.map(({ params }) => params));
    return trained;
  };

  it('has the folders of single runs, whose config.json is their own', async () => {
    const out = temporaryFolder();
    const trained = await attempt(specs, { out, context: { model: 'tiny' } });
    expect(trained.runs.map(({ name }) => name)).toEqual(specs.map(({ name }) => name));
    for (const [i, spec] of specs.entries()) {
      const alone = temporaryFolder();
      const single = await attempt([spec], { out: alone, context: { model: 'tiny' } });
      const [mine, its] = [join(out, spec.name), alone];
      expect(readdirSync(its).filter((file) => file !== 'checkpoint')).toEqual(files);
      expect(readdirSync(mine)).toEqual(files);
      const [a, b] = [mine, its].map((folder) => readFileSync(join(folder, 'config.json'), 'utf8'));
      expect(a).toBe(b);
      expect(trained.runs[i]?.best?.step).toBe(single.runs[0]?.best?.step);
      const [c, d] = [await loadAdapter(mine), await loadAdapter(its)];
      for (const [name, { shape }] of Object.entries(d.params)) expect(c.params[name]?.shape).toEqual(shape);
      tf.dispose([c.params, d.params]);
    }
    expect(readFileSync(join(out, 'long', 'config.json'), 'utf8')).toContain('"length": 5');
  });

  it('goes on after a stop in any of its groups, to the same bytes', async () => {
    const [whole, broken] = [temporaryFolder(), temporaryFolder()];
    const groups: string[] = [];
    await attempt(specs, {
      out: whole,
      onProgress: ({ kind, names }) => {
        if (kind === 'start') groups.push(names.join());
      },
    });
    expect(groups).toEqual(['long,plain,slow,scalar', 'coarse']);
    const tensors = tf.memory().numTensors;
    for (const step of [3, 7]) expect((await attempt(specs, stopAfter(broken, step))).stopped).toBe(true);
    const controller = new AbortController();
    await attempt(specs, {
      out: broken,
      signal: controller.signal,
      onProgress: ({ kind, names, step }) => {
        if (kind === 'step' && names.includes('coarse') && step === 5) controller.abort();
      },
    });
    expect(existsSync(join(broken, 'long', 'adapter.safetensors'))).toBe(true);
    expect(existsSync(join(broken, 'coarse', 'adapter.safetensors'))).toBe(false);
    const starts: string[] = [];
    const last = await attempt(specs, {
      out: broken,
      onProgress: ({ kind, names, step }) => {
        if (kind === 'start') starts.push(`${names.join()} after ${step}`);
      },
    });
    expect(starts).toEqual(['coarse after 5']);
    expect(last.runs.map(({ name }) => name)).toEqual(specs.map(({ name }) => name));
    for (const { name } of specs)
      for (const file of ['adapter.safetensors', 'metrics.jsonl']) {
        const [a, b] = [whole, broken].map((out) => readFileSync(join(out, name, file)).toString('hex'));
        expect(a, `${name}: ${file}`).toBe(b);
      }
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('goes on from a checkpoint of before runs had names', async () => {
    const out = temporaryFolder();
    await population([1, 2], stopAfter(out, 5));
    const file = join(out, 'checkpoint', 'state.safetensors');
    const { tensors, metadata } = await readSafetensors(file);
    const training = JSON.parse(metadata['training'] ?? '') as object;
    const old = { ...training, runs: undefined, seeds: [1, 2] };
    const own = Object.fromEntries(
      [...tensors].map(([name, one]) => [name, tf.tensor(one.values, [...one.shape])]),
    );
    await writeSafetensors(file, own, { metadata: { training: JSON.stringify(old) } });
    tf.dispose(own);
    const starts: number[] = [];
    await population([1, 2], {
      out,
      onProgress: ({ kind, step }) => {
        if (kind === 'start') starts.push(step);
      },
    });
    expect(starts).toEqual([5]);
  });

  it('has names that do for folders, each once', async () => {
    const named = (...names: string[]): Promise<Trained> =>
      attempt(names.map((name) => ({ ...runOf(1), name })) as typeof specs, {});
    await expect(named('a', 'a')).rejects.toThrow('training: names of runs must differ; a stands twice');
    for (const name of ['a/b', '..', '', 'checkpoint'])
      await expect(named('a', name)).rejects.toThrow(
        `training: a run's name must do for a folder: letters, digits and _ . , + -, not 'checkpoint'; found '${name}'`,
      );
  });
});

describe('a damaged folder', () => {
  it('says which file is damaged', async () => {
    const out = temporaryFolder();
    await population([1], stopAfter(out, 5));
    const state = join(out, 'checkpoint', 'state.safetensors');
    const good = readFileSync(state);
    writeFileSync(state, good.subarray(0, good.length - 5));
    await expect(population([1], { out })).rejects.toThrow(`${state}: `);
    writeFileSync(state, good);
    const metrics = join(out, 'metrics.jsonl');
    const text = readFileSync(metrics, 'utf8');
    writeFileSync(metrics, text.replace('\n', '\nnonsense\n'));
    await expect(population([1], { out })).rejects.toThrow(
      `${metrics}:2: damaged: must be one JSON document; found nonsense`,
    );
    writeFileSync(metrics, `${text}{"step": 6, "lo`);
    await expect(loadAdapter(out)).rejects.toThrow(
      `${out}: the run is not finished: it holds no adapter.safetensors`,
    );
    expect((await population([1], { out })).stopped).toBe(false);
    writeFileSync(join(out, 'config.json'), '{');
    await expect(loadAdapter(out)).rejects.toThrow(`${join(out, 'config.json')}: damaged: `);
    await expect(loadAdapter(join(out, 'none'))).rejects.toThrow(
      `${join(out, 'none')}: no run: it holds no config.json`,
    );
  });
});
