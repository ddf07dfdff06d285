import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureDefaults, captureStates } from '../../src/analysis/captureStates';
import { chooseTokens } from '../../src/analysis/chooseTokens';
import { seq2SeqBatch } from '../../src/model/batch';
import { type Tuning, untuned } from '../../src/model/sites';
import { capture, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { prependPrompt } from '../../src/tuning/prompt';
import { tinyConfig, tinyExamples, tinyT5 } from '../support/tinyT5';

const examples = tinyExamples(7);
const options = { ...captureDefaults, layers: [0, 1], heads: true, tokens: 12, batch: 3 };
let model: T5;
let prompt: tf.Tensor3D;
let tuning: Tuning;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
  prompt = tf.randomNormal([1, 4, tinyConfig.dModel], 0, 1, 'float32', 5);
  tuning = { ...untuned, interventions: { 'encoder.embed': (embedded) => prependPrompt(prompt, embedded) } };
});
afterAll(() => {
  model.dispose();
  prompt.dispose();
});

describe('captureStates', () => {
  it('keeps the states that one pass over everything has, whatever the batch, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const captured = await captureStates(model, examples, tuning, options);
    expect(tf.memory().numTensors).toBe(before);
    expect(captured.promptLength).toBe(4);
    expect(captured.states.length).toBe(1 + 2 * (1 + 3 * tinyConfig.numHeads));
    const chosen = chooseTokens(
      examples.map(({ source }) => source.length),
      4,
      12,
      0,
    );
    for (const { site, head, prompt: p, inputs, reserve } of captured.states) {
      expect([p.length, inputs.length, reserve.length]).toEqual([4, 12, chosen.reserve.length]);
      for (const [set, vectors, offset] of [
        ['prompt', p, 0],
        ['inputs', inputs, 4],
        ['reserve', reserve, 4],
      ] as const)
        for (const [i, { example, position }] of chosen[set].entries()) {
          // One example by itself: no padding, no batch.
          const batch = seq2SeqBatch(examples.slice(example, example + 1), 0);
          const alone = capture(model, batch, [site], tuning).get(site) as tf.Tensor3D;
          const row = (await alone.array())[0]?.[offset + position] ?? [];
          tf.dispose([alone, ...Object.values(batch).flatMap((tokens) => Object.values(tokens))]);
          const dKv = tinyConfig.dKv;
          const expected = head === null ? row : row.slice(head * dKv, (head + 1) * dKv);
          const found = vectors[i] as Float32Array;
          expect(found.length).toBe(expected.length);
          expected.forEach((value, k) => expect(found[k]).toBeCloseTo(value, 4));
        }
    }
  });

  it('gives each head the attention mass between prompt and input, over sentences', async () => {
    const { attention } = await captureStates(model, examples, tuning, options);
    expect(attention.length).toBe(2 * 3 * tinyConfig.numHeads);
    const mean = async (kind: string, layer: number, head: number): Promise<number> => {
      let sum = 0;
      for (const example of examples) {
        const batch = seq2SeqBatch([example], 0);
        const site =
          kind === 'crossToPrompt'
            ? (`decoder.${layer}.crossAttention.weights` as const)
            : (`encoder.${layer}.selfAttention.weights` as const);
        const weights = capture(model, batch, [site], tuning).get(site) as tf.Tensor4D;
        const rows = (await weights.array())[0]?.[head] ?? [];
        tf.dispose([weights, ...Object.values(batch).flatMap((tokens) => Object.values(tokens))]);
        const queries =
          kind === 'crossToPrompt' ? rows : kind === 'inputToPrompt' ? rows.slice(4) : rows.slice(0, 4);
        const masses = queries.map((keys) => {
          const onPrompt = keys.slice(0, 4).reduce((total, weight) => total + weight, 0);
          return kind === 'promptToInput' ? 1 - onPrompt : onPrompt;
        });
        sum += masses.reduce((total, mass) => total + mass, 0) / masses.length / examples.length;
      }
      return sum;
    };
    for (const { kind, layer, head, value, interval, uniform } of attention) {
      expect(value, `${kind} ${layer} ${head}`).toBeCloseTo(await mean(kind, layer, head), 5);
      expect(interval?.[0]).toBeLessThan(value);
      expect(interval?.[1]).toBeGreaterThan(value);
      expect(uniform).toBeGreaterThan(0.2);
      expect(uniform).toBeLessThan(0.8);
    }
  });

  it('refuses a layer that does not exist, and a tuning without a prompt', async () => {
    await expect(captureStates(model, examples, tuning, { ...options, layers: [2] })).rejects.toThrow(
      'layers: the encoder has layers 0 to 1; found 2',
    );
    await expect(captureStates(model, examples, untuned, options)).rejects.toThrow(
      'captureStates: the tuning sets no prompt before the input',
    );
  });
});

describe('chooseTokens', () => {
  it('spreads inputs over examples, the reserve over others, the prompt over all', () => {
    const lengths = Array.from({ length: 40 }, (_, i) => 5 + (i % 7));
    const { prompt: p, inputs, reserve } = chooseTokens(lengths, 10, 60, 3);
    expect([p.length, inputs.length, reserve.length]).toEqual([10, 60, 10]);
    expect(new Set(p.map(({ example }) => example)).size).toBe(10);
    const used = new Set(inputs.map(({ example }) => example));
    expect(used.size).toBe(30);
    expect(reserve.some(({ example }) => used.has(example))).toBe(false);
    const places = [...inputs, ...reserve].map(({ example, position }) => `${example}/${position}`);
    expect(new Set(places).size).toBe(70);
    inputs.forEach(({ example, position }) => expect(position).toBeLessThan(lengths[example] as number));
  });
});
