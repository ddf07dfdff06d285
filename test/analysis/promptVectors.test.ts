import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputVectors } from '../../src/analysis/inputVectors';
import { promptVectors } from '../../src/analysis/promptVectors';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';

let prompt: tf.Tensor2D;
let scale: tf.Tensor1D;
beforeAll(async () => {
  await useBackend('tensorflow');
  prompt = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
  scale = tf.tensor1d([2, -0.5]);
});
afterAll(() => tf.dispose([prompt, scale]));

const rows = (vectors: readonly Float32Array[]): number[][] => vectors.map((vector) => [...vector]);

describe('promptVectors', () => {
  it('gives the prompt before and after its scale, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const found = await promptVectors(
      { method: 'scaled-prompt-tuning', scaling: 'token-wise' },
      { prompt, scale },
    );
    expect(rows(found.prompt)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(rows(found.scaled)).toEqual([
      [2, 4, 6],
      [-2, -2.5, -3],
    ]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives the prompt twice where there is no scale', async () => {
    const found = await promptVectors({ method: 'prompt-tuning' }, { prompt });
    expect(found.scaled).toEqual(found.prompt);
  });

  it('refuses a method without a prompt', async () => {
    await expect(promptVectors({ method: 'fine-tuning' }, {})).rejects.toThrow(
      'promptVectors: fine-tuning trains no prompt',
    );
  });
});

describe('inputVectors', () => {
  it('gives the embedding of each token, repeated tokens repeated', async () => {
    const table = tf.tensor2d([0, 0, 1, 10, 2, 20], [3, 2]);
    const model = { weights: new Map([['shared.weight', table]]) } as unknown as T5;
    expect(rows(await inputVectors(model, [[2, 1], [1]]))).toEqual([
      [2, 20],
      [1, 10],
      [1, 10],
    ]);
    await expect(inputVectors(model, [[], []])).rejects.toThrow('texts must hold tokens; found 2 empty ones');
    table.dispose();
  });
});
