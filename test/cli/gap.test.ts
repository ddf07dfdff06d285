import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gapMeasures } from '../../src/analysis/embeddingGap';
import { type TensorSource, writeSafetensors } from '../../src/model/safetensors';
import { random } from '../../src/tensor/random';
import { useBackend } from '../../src/tensor/backend';
import { temporaryFolder } from '../support/temporaryFolder';
import { e2eRows as rows } from './e2eRows';
import { build, spt } from './spt';
import { writeTinyModel } from './tinyModel';

beforeAll(build);

const tensor = (shape: readonly number[], values: readonly number[]): TensorSource => ({
  shape,
  data: async () => values,
});

function normals(n: number, d: number, seed: number): number[] {
  const rng = random(seed);
  return Array.from({ length: n * d }, () => rng.normal());
}

async function write(name: string, tensors: Readonly<Record<string, TensorSource>>): Promise<string> {
  const file = join(temporaryFolder(), `${name}.safetensors`);
  await writeSafetensors(file, tensors);
  return file;
}

describe('spt gap --prompt --inputs', () => {
  it('prints every measure in the promised form, and repeats itself', async () => {
    const prompt = await write('prompt', { embeddings: tensor([20, 40], normals(20, 40, 1)) });
    const inputs = await write('inputs', {
      embeddings: tensor([60, 40], normals(60, 40, 2)),
      sentences: tensor(
        [60],
        Array.from({ length: 60 }, (_, i) => Math.floor(i / 3)),
      ),
    });
    const args = ['gap', '--prompt', prompt, '--inputs', inputs, '--permutations', '99', '--json'];
    const { status, stdout, stderr } = spt(args);
    expect([status, stderr]).toEqual([0, '']);
    const { measures, n } = JSON.parse(stdout) as {
      readonly measures: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      readonly n: unknown;
    };
    expect(n).toEqual({ prompt: 20, inputs: 60 });
    expect(Object.keys(measures)).toEqual(Object.keys(gapMeasures));
    for (const measured of Object.values(measures)) {
      const { reason, ...rest } = measured;
      expect(Object.keys(rest)).toEqual(['value', 'interval', 'pValue', 'floor']);
      if (measured['value'] === null || measured['interval'] === null) expect(reason).toMatch(/\w/);
    }
    expect(spt(args).stdout).toBe(stdout);
  });

  it('gives what is defined of constant vectors, exit status 0', async () => {
    const prompt = await write('prompt', { embeddings: tensor([2, 3], [1, 1, 1, 1, 1, 1]) });
    const inputs = await write('inputs', { embeddings: tensor([4, 3], new Array<number>(12).fill(2)) });
    const { status, stdout } = spt(['gap', '--prompt', prompt, '--inputs', inputs, '--json']);
    expect(status).toBe(0);
    const { measures } = JSON.parse(stdout) as {
      readonly measures: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    expect(measures['centroidGap']?.['value']).toBeCloseTo(Math.sqrt(3), 12);
    expect(measures['isoScore']).toMatchObject({
      value: null,
      interval: null,
      pValue: null,
      reason: 'fewer than 3 vectors span one direction at most',
    });
  });

  it('compares a sample of very many inputs, and says so', async () => {
    const prompt = await write('prompt', { embeddings: tensor([5, 2], normals(5, 2, 1)) });
    const inputs = await write('inputs', { embeddings: tensor([50, 2], normals(50, 2, 2)) });
    const args = ['gap', '--prompt', prompt, '--inputs', inputs, '--max-inputs', '30', '--permutations', '9'];
    const { stdout, stderr } = spt(args);
    expect((JSON.parse(stdout) as { readonly n: unknown }).n).toEqual({ prompt: 5, inputs: 30 });
    expect(stderr).toBe(`${inputs}: 30 of 50 vectors are compared (--max-inputs)\n`);
  });

  it.each([
    [
      'NaN',
      { embeddings: tensor([1, 2], [1, NaN]) },
      /prompt\.safetensors: embeddings must be finite; \[0, 1\] is NaN/,
    ],
    [
      'another d',
      { embeddings: tensor([1, 3], [1, 2, 3]) },
      /dimensions must match; prompt \[1, 3\], inputs \[2, 2\]/,
    ],
    [
      'no matrix',
      { embeddings: tensor([2], [1, 2]) },
      /embeddings must be \[n, d\], both at least 1; found \[2\]/,
    ],
    ['another name', { vectors: tensor([1, 2], [1, 2]) }, /holds no tensor embeddings/],
  ])('refuses %s in one line, exit status 1', async (_, tensors, message) => {
    const prompt = await write('prompt', tensors);
    const inputs = await write('inputs', { embeddings: tensor([2, 2], [1, 2, 3, 4]) });
    const { status, stdout, stderr } = spt(['gap', '--prompt', prompt, '--inputs', inputs, '--json']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });
});

describe('spt gap --run', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const gapOf = (run: string, ...more: string[]): ReturnType<typeof spt> =>
    spt(['gap', '--run', at(run), '--tokens', '40', '--permutations', '19', '--json', ...more]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'spt-gap-'));
    mkdirSync(at('e2e'));
    writeFileSync(join(at('e2e'), 'trainset.csv'), rows(10, 20));
    writeFileSync(join(at('e2e'), 'devset.csv'), rows(40, 20));
    await useBackend('tensorflow');
    await writeTinyModel(at('model'));
    for (const [out, method] of [
      ['spt', 'scaled-prompt-tuning'],
      ['pt', 'prompt-tuning'],
    ] as const) {
      const where = ['--model', at('model'), '--task', 'e2e', '--root', folder, '--out', at(out)];
      const how = ['--method', method, '--shots', '4', '--seed', '1', '--steps', '3', '--batch', '2'];
      expect(spt(['train', ...where, ...how, '--length', '5']).status).toBe(0);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  type Measures = Readonly<Record<string, { readonly value: number | null }>>;
  type Document = {
    readonly measures: Measures;
    readonly n: { readonly prompt: number; readonly inputs: number };
    readonly sets: readonly { readonly part: string; readonly measures: Measures }[];
    readonly sites: readonly {
      readonly part: string;
      readonly site: string;
      readonly head: number | null;
      readonly measures: Measures;
    }[];
    readonly attention: readonly { readonly kind: string; readonly value: number }[];
  };

  it('measures P, s * P, the untrained prompt and random tokens at the embedding', () => {
    const { status, stdout, stderr } = gapOf('spt');
    expect([status, stderr]).toEqual([0, '']);
    const { measures, n, sets, sites } = JSON.parse(stdout) as Document;
    expect(n).toEqual({ prompt: 5, inputs: 40 });
    expect(sets.map(({ part }) => part)).toEqual(['prompt', 'scaled', 'untrained', 'vocabulary']);
    expect(measures).toEqual(sets[1]?.measures);
    expect(sets[0]?.measures['normRatio']?.value).not.toBe(sets[1]?.measures['normRatio']?.value);
    expect(sites).toEqual([]);
  });

  it('goes through layers and heads, before and after the scale', () => {
    const { status, stdout } = gapOf('spt', '--layers', '1', '--heads', '--before-after');
    expect(status).toBe(0);
    const { sites, attention } = JSON.parse(stdout) as Document;
    const expected = ['prompt', 'scaled'].flatMap((part) => [
      `${part} encoder.1.output null`,
      ...['query', 'key', 'value'].flatMap((place) =>
        [0, 1].map((head) => `${part} encoder.1.selfAttention.${place} ${head}`),
      ),
    ]);
    expect(sites.map(({ part, site, head }) => `${part} ${site} ${head}`)).toEqual(expected);
    for (const { head, measures } of sites)
      expect(Object.keys(measures)).toEqual(
        head === null
          ? Object.keys(gapMeasures)
          : ['centroidGap', 'normRatio', 'mmdSquared', 'energyDistance'],
      );
    expect(sites[0]?.measures['centroidGap']?.value).not.toBe(sites[7]?.measures['centroidGap']?.value);
    expect(attention.length).toBe(2 * 3 * 2);
    for (const { value } of attention) expect(value).toBeGreaterThan(0);
  });

  it.each([
    [
      'a layer that does not exist',
      'spt',
      ['--layers', '7'],
      1,
      /layers: the encoder has layers 0 to 1; found 7/,
    ],
    [
      'before and after without a scale',
      'pt',
      ['--before-after'],
      1,
      /pt: before and after needs a scale; the run is prompt-tuning/,
    ],
    ['a folder without a run', 'none', [], 1, /no run: it holds no config.json/],
    ['files beside a run', 'spt', ['--prompt', 'x'], 2, /give either --run, or --prompt and --inputs/],
  ])('refuses %s in one line', (_, run, more, expected, message) => {
    const { status, stdout, stderr } = gapOf(run, ...more);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  it('maps prompt, inputs and vocabulary to the plane with the quality of the map', () => {
    const small = [
      '--tokens',
      '20',
      '--vocabulary',
      '10',
      '--neighbours',
      '5',
      '--epochs',
      '20',
      '--seeds',
      '0,1',
    ];
    const args = ['project', '--run', at('spt'), '--layers', '0', '--also', at('pt'), ...small, '--json'];
    const { status, stdout, stderr } = spt(args);
    expect([status, stderr]).toEqual([0, '']);
    type Point = {
      readonly set: string;
      readonly index: number;
      readonly scale?: number;
      readonly umap: number[];
    };
    const { sites, also } = JSON.parse(stdout) as {
      readonly sites: readonly {
        readonly site: string;
        readonly points: readonly Point[];
        readonly quality: Readonly<Record<string, { readonly trustworthiness: number }>>;
        readonly disparity: number;
      }[];
      readonly also: readonly { readonly run: string; readonly umap: readonly number[][] }[];
    };
    expect(sites.map(({ site }) => site)).toEqual(['encoder.embed', 'encoder.0.output']);
    const [embed] = sites;
    const count = (set: string): number => embed?.points.filter((point) => point.set === set).length ?? 0;
    expect(['inputs', 'vocabulary', 'prompt', 'scaled'].map(count)).toEqual([20, 10, 5, 5]);
    for (const point of embed?.points ?? []) {
      expect(point.umap.every(Number.isFinite)).toBe(true);
      if (point.set === 'scaled') expect(Number.isFinite(point.scale)).toBe(true);
    }
    expect(embed?.quality['umap']?.trustworthiness).toBeGreaterThan(0.4);
    expect(embed?.disparity).toBeGreaterThan(0);
    expect(also[0]?.umap.length).toBe(5);
    expect(spt(args).stdout).toBe(stdout);
  });
});
