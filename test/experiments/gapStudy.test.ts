import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gapMeasures } from '../../src/analysis/embeddingGap';
import { CheckpointError, ConfigError } from '../../src/errors';
import { gapStudy, gapStudyPlan, gapStudyPlans, type GapStudy } from '../../src/experiments/gapStudy';
import { storedMiniRuns, trainMiniRuns } from '../../src/experiments/miniRuns';
import { readSnapshots } from '../../src/experiments/runSnapshots';
import { gapFigures } from '../../src/figures/gapFigures';
import { plotlyFigure } from '../../src/figures/plotlyFigure';
import { loadT5 } from '../../src/model/checkpoint';
import { resolveModel } from '../../src/model/hub';
import { openSafetensors } from '../../src/model/safetensors';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';

const folder = mkdtempSync(join(tmpdir(), 'spt-gap-study-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const out = join(folder, 'runs');
const work = join(folder, 'work');
const studied = join(folder, 'study');
const plan = {
  ...gapStudyPlans.quick,
  ...{ sentences: 8, tokens: 40, permutations: 0, layerSeeds: 1, headSeeds: 1 },
  ...{ interventionSeeds: 0, interventionExamples: 2 },
};
let model: T5;
let study: GapStudy;

beforeAll(async () => {
  await useBackend();
  model = await loadT5(resolveModel('mini'));
  await trainMiniRuns(model, {
    out,
    work,
    settings: {
      ...{ tasks: ['mini-e2e'], seeds: [1, 2], shots: 4, steps: 2, batch: 2, length: 4, devSize: 2 },
      ...{ snapshotSeeds: 1, snapshotEvery: 1 },
    },
  });
  study = await gapStudy(model, storedMiniRuns(out), { plan, out: studied });
}, 120_000);

describe('trainMiniRuns', () => {
  it('keeps each run small: config, metrics, a half-precision adapter, and the first seed’s steps', async () => {
    const run = join(out, 'mini-e2e', 'scaled-prompt-tuning', 'seed-1');
    const files = ['adapter.safetensors', 'config.json', 'metrics.jsonl'];
    expect(readdirSync(run).sort()).toEqual([...files, 'snapshots.safetensors']);
    expect(readdirSync(join(run, '..', 'seed-2')).sort()).toEqual(files);
    const adapter = await openSafetensors(join(run, 'adapter.safetensors'));
    await adapter.close();
    expect(adapter.entries.get('prompt')).toMatchObject({ dtype: 'F16', shape: [4, model.config.dModel] });
    expect(existsSync(work)).toBe(false);

    const snapshots = await readSnapshots(run);
    expect(snapshots.map(({ step }) => step)).toEqual([0, 1, 2]);
    const [first, , last] = snapshots.map(({ params }) => params['scale']?.dataSync());
    expect([...(first ?? [])]).toEqual([1, 1, 1, 1]);
    expect(last).not.toEqual(first);
    snapshots.forEach(({ params }) => tf.dispose(params));
    expect(await readSnapshots(join(run, '..', 'seed-2'))).toEqual([]);
  });

  it('puts one seed alone into its folder too, in place of all that an earlier run left there', async () => {
    const alone = join(folder, 'alone');
    const run = join(alone, 'mini-e2e', 'prompt-tuning', 'seed-2');
    const settings = {
      ...{ tasks: ['mini-e2e'], methods: ['prompt-tuning'], seeds: [2], shots: 4, batch: 2, length: 4 },
      ...{ devSize: 2, snapshotEvery: 1 },
    };
    for (const [steps, snapshotSeeds] of [
      [1, 1],
      [2, 0],
    ] as const) {
      const runs = await trainMiniRuns(model, {
        out: alone,
        work: join(folder, 'alone work'),
        settings: { ...settings, steps, snapshotSeeds },
      });
      expect(runs.map((found) => [found.folder, found.config.training?.steps])).toEqual([[run, steps]]);
      expect(existsSync(join(run, 'snapshots.safetensors'))).toBe(snapshotSeeds === 1);
    }
  });

  it('lists the runs of all tasks and methods, and says how to make them where there are none', () => {
    expect(storedMiniRuns(out).map(({ config }) => [config.method.method, config.seed])).toEqual([
      ['prompt-tuning', 1],
      ['prompt-tuning', 2],
      ['scaled-prompt-tuning', 1],
      ['scaled-prompt-tuning', 2],
    ]);
    expect(() => storedMiniRuns(join(folder, 'nothing'))).toThrow(CheckpointError);
    expect(() => storedMiniRuns(join(folder, 'nothing'))).toThrow(
      /holds no runs; "npm run reproduce -- --full"/,
    );
  });
});

describe('gapStudy', () => {
  it('measures every set at the embedding by every measure, and P and s * P after layers', () => {
    const count = Object.keys(gapMeasures).length;
    const of = (set: string, layer: number): number =>
      study.gaps.filter((record) => record.set === set && record.layer === layer).length;
    const sets = ['promptTuning', 'prompt', 'scaled', 'untrained', 'vocabulary'];
    expect(sets.map((set) => of(set, 0))).toEqual(sets.map(() => 2 * count));
    // After layers: one seed each.
    expect([of('promptTuning', 1), of('prompt', 1), of('scaled', model.config.numEncoderLayers)]).toEqual([
      count,
      count,
      count,
    ]);
    expect(of('untrained', 1)).toBe(0);
    const [head] = study.heads;
    expect(head).toMatchObject({ layer: 1, head: 0, part: 'query', measure: 'centroidGap' });
    const { numEncoderLayers, numHeads } = model.config;
    // Queries, keys, values; four measures; P of PT, P and s * P.
    expect(study.heads).toHaveLength(numEncoderLayers * numHeads * 3 * 4 * 3);
    expect(study.masses.every(({ value }) => value !== null && value >= 0 && value <= 1)).toBe(true);
  });

  it('follows training, and scores each run', () => {
    const steps = study.trajectories.filter(({ quantity }) => quantity === 'centroidGap');
    expect(steps.map(({ method, step }) => [method, step])).toEqual(
      ['prompt-tuning', 'scaled-prompt-tuning'].flatMap((method) => [0, 1, 2].map((step) => [method, step])),
    );
    const change = (quantity: string): number | undefined =>
      study.trajectories.find((record) => record.quantity === quantity && record.step === 1)?.value;
    expect(change('changeOfScale')).toBeGreaterThan(0);
    expect(change('changeOfPrompt')).toBeGreaterThan(0);
    expect(study.interventions.map(({ method, seed, intervention }) => [method, seed, intervention])).toEqual(
      [
        ['prompt-tuning', 1, 'none'],
        ['prompt-tuning', 2, 'none'],
        ['scaled-prompt-tuning', 1, 'none'],
        ['scaled-prompt-tuning', 2, 'none'],
      ],
    );
    expect(study.interventions[0]?.gaps['centroidGap']?.excess).toBeGreaterThan(0);
  });

  it('reads what it measured before, measures anew what is torn or of another adapter, and leaks nothing', async () => {
    const pieces = readdirSync(join(studied, 'gap')).map((name) => join(studied, 'gap', name));
    expect(pieces).toHaveLength(4);
    const [torn, other, kept] = pieces as [string, string, string];
    writeFileSync(torn, readFileSync(torn, 'utf8').slice(0, 100));
    writeFileSync(other, readFileSync(other, 'utf8').replace(/"digest":"./, '"digest":"x'));
    utimesSync(kept, 1, 1);
    const before = tf.memory().numTensors;
    const again = await gapStudy(model, storedMiniRuns(out), { plan, out: studied });
    expect(again).toEqual(study);
    expect(tf.memory().numTensors).toBe(before);
    expect(statSync(kept).mtimeMs).toBe(1000);
    expect(JSON.parse(readFileSync(other, 'utf8'))).not.toHaveProperty(
      'key.digest',
      expect.stringMatching(/^x/),
    );
  });

  it('gives the numbers of every figure', () => {
    const figures = gapFigures(study, 'mini');
    const kinds = ['before-after', 'norms', 'layers', 'layer-map-scale', 'layer-map-methods'];
    const others = ['heads', 'attention', 'trajectories'];
    expect(Object.keys(figures)).toEqual([...kinds, ...others].map((kind) => `${kind}-mini-e2e`));
    for (const figure of Object.values(figures)) {
      expect(plotlyFigure(figure).data.length).toBeGreaterThan(0);
      expect(figure.source).toMatchObject({ preset: 'mini' });
      expect(figure.source.seeds.length).toBeGreaterThan(0);
      expect(figure.source.n).toContain('mini-e2e');
    }
  });

  it('refuses a run of another method', async () => {
    const [run] = storedMiniRuns(out);
    if (run === undefined) throw new Error('there are runs');
    const config = { ...run.config, method: { ...run.config.method, method: 'lora' } };
    await expect(gapStudy(model, [{ ...run, config }], { plan, out: studied })).rejects.toThrow(
      /must be a run of PT or SPT; found lora$/,
    );
  });
});

describe('gapStudyPlan', () => {
  it('is quick unless the variable says otherwise, and refuses other names', () => {
    expect(gapStudyPlan('full').layerSeeds).toBe(5);
    expect(gapStudyPlan('quick').name).toBe('quick');
    expect(() => gapStudyPlan('fast')).toThrow(ConfigError);
    expect(() => gapStudyPlan('fast')).toThrow("SPT_STUDY: must be quick or full; found 'fast'");
  });
});
