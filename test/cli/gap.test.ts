import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gapMeasures } from '../../src/analysis/embeddingGap';
import { type TensorSource, writeSafetensors } from '../../src/model/safetensors';
import { random } from '../../src/tensor/random';
import { temporaryFolder } from '../support/temporaryFolder';
import { build, spt } from './spt';

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
