import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/model/safetensors';
import type { T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';
import { type tf, useBackend } from '../../src/tensor/backend';
import { initPrompt, type PromptInitConfig } from '../../src/tuning/promptInit';
import { tinyConfig, tinyT5 } from '../support/tinyT5';

describe('initial prompts', () => {
  let model: T5;
  let folder: string;
  const { dModel } = tinyConfig;
  beforeAll(async () => {
    await useBackend('tensorflow');
    const encode = (text: string): number[] => [...text.split(' ').map(Number), tinyConfig.endTokenId];
    model = { ...tinyT5(1), tokenizer: { vocabulary: 40, encode, decode: (ids) => ids.join(' ') } };
    folder = await mkdtemp(join(tmpdir(), 'spt-prompt-'));
  });
  afterAll(async () => {
    model.dispose();
    await rm(folder, { recursive: true });
  });

  const rows = async (promptLength: number, init: PromptInitConfig, seed = 1): Promise<number[][]> => {
    const prompt = await initPrompt({ model, promptLength, rng: random(seed) }, init);
    const values = (await prompt.array()) as number[][];
    prompt.dispose();
    return values;
  };
  const embeddings = (): number[][] => (model.weights.get('shared.weight') as tf.Tensor2D).arraySync();

  test('uniform fills its range, the same for the same seed', async () => {
    const values = (await rows(50, { kind: 'uniform' })).flat();
    expect(Math.min(...values)).toBeLessThan(-0.49);
    expect(Math.max(...values)).toBeGreaterThan(0.49);
    expect(values.every((value) => Math.abs(value) <= 0.5)).toBe(true);
    expect(await rows(50, { kind: 'uniform' })).toEqual(await rows(50, { kind: 'uniform' }));
    expect(await rows(50, { kind: 'uniform' }, 2)).not.toEqual(await rows(50, { kind: 'uniform' }));
    expect(Math.max(...(await rows(50, { kind: 'uniform', range: 0.1 })).flat())).toBeLessThanOrEqual(0.1);
  });

  test('sampledVocabulary takes different tokens, none of them special or unknown to the tokenizer', async () => {
    const table = embeddings().map((row) => JSON.stringify(row));
    const ids = (await rows(37, { kind: 'sampledVocabulary' })).map((row) =>
      table.indexOf(JSON.stringify(row)),
    );
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 37 }, (_, i) => i + 3));
    const few = await rows(2, { kind: 'sampledVocabulary', commonest: 2 });
    expect(few.map((row) => table.indexOf(JSON.stringify(row))).sort()).toEqual([3, 4]);
    await expect(rows(38, { kind: 'sampledVocabulary' })).rejects.toThrow(
      /promptLength must be at most .* 38 > 37/,
    );
  });

  test('embeddedText repeats the tokens of its text, without the end token', async () => {
    const table = embeddings();
    expect(await rows(5, { kind: 'embeddedText', text: '7 9' })).toEqual(
      [7, 9, 7, 9, 7].map((id) => table[id]),
    );
  });

  const store = async (method: object): Promise<void> => {
    const source = (shape: number[], value: (i: number) => number) => ({
      shape,
      data: async () => Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i)),
    });
    await writeSafetensors(join(folder, 'adapter.safetensors'), {
      prompt: source([2, dModel], (i) => i),
      scale: source([2], (i) => i + 2),
    });
    await writeFile(join(folder, 'config.json'), JSON.stringify({ method }));
  };

  test('fromPrompt takes over a prompt with its scale folded in', async () => {
    await store({ method: 'scaled-prompt-tuning', scaling: 'token-wise' });
    const expected = [0, 1].map((row) =>
      Array.from({ length: dModel }, (_, i) => (row * dModel + i) * (row + 2)),
    );
    expect(await rows(2, { kind: 'fromPrompt', path: folder })).toEqual(expected);
  });

  test('fromPrompt refuses another length, and a folder without a run', async () => {
    await store({ method: 'prompt-tuning' });
    await expect(rows(3, { kind: 'fromPrompt', path: folder })).rejects.toThrow(
      /prompt must be \[3, 16\]; found \[2, 16\]/,
    );
    await expect(rows(2, { kind: 'fromPrompt', path: join(folder, 'none') })).rejects.toThrow(/config\.json/);
  });
});
