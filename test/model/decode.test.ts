import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { padBatch, type TokenBatch } from '../../src/model/batch';
import { generate } from '../../src/model/decode';
import type { Intervention, KeyValuePrefix, Site, Tuning } from '../../src/model/sites';
import { logits, type T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';
import { tf, useBackend } from '../../src/tensor/backend';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { stackParams } from '../../src/tuning/stack';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

/** Greedy search the slow way: the whole target again for every token. */
async function uncachedGreedy(
  model: T5,
  sources: number[][],
  steps: number,
  tuning: Tuning,
): Promise<number[][]> {
  const { endTokenId, padTokenId } = model.config;
  const results: number[][] = [];
  for (const source of sources) {
    const ids: number[] = [];
    while (ids.length < steps && ids.at(-1) !== endTokenId) {
      // The last target token is never read by the decoder, so any id may stand there.
      const batch = {
        source: padBatch([source], padTokenId),
        target: padBatch([[...ids, padTokenId]], padTokenId),
      };
      const next = tf.tidy(() => logits(model, batch, tuning).squeeze([0]).argMax(-1).dataSync());
      tf.dispose(batch);
      ids.push(next[ids.length] as number);
    }
    results.push(ids);
  }
  return results;
}

describe('generate', () => {
  let model: T5;
  let source: TokenBatch;
  const sources = tinyExamples(5, 4).map((example) => [...example.source]);

  beforeAll(async () => {
    await useBackend('tensorflow');
    // Larger embeddings make the next token depend on the input; otherwise all rows would agree.
    model = tinyT5(3, { scaleDecoderOutputs: false });
    source = padBatch(sources, model.config.padTokenId);
  });
  afterAll(() => {
    tf.dispose(source);
    model.dispose();
  });

  const pairs = (): (() => KeyValuePrefix) => {
    const rng = random(8);
    const { numHeads, dKv } = model.config;
    const values = (): tf.Tensor4D =>
      tf.tensor4d(
        Float32Array.from({ length: numHeads * 3 * dKv }, () => rng.normal()),
        [1, numHeads, 3, dKv],
      );
    return () => ({ key: values(), value: values() });
  };
  const prefix = (): Tuning => {
    const pair = pairs();
    return {
      interventions: {},
      overrides: {},
      prefixes: {
        'encoder.0.selfAttention': pair(),
        'decoder.0.selfAttention': pair(),
        'decoder.1.crossAttention': pair(),
      },
    };
  };
  const earlierTokens = (): Tuning => {
    const pair = pairs();
    const prefixes = { 'decoder.0.selfAttention': pair(), 'decoder.1.selfAttention': pair() };
    return { interventions: {}, overrides: {}, prefixes, earlierTokens: 3 };
  };
  const prompt = async (): Promise<Tuning> => {
    const config = { ...scaledPromptTuning.defaults, length: 3 };
    return scaledPromptTuning.apply(
      model,
      config,
      stackParams([await scaledPromptTuning.init(model, config, random(5))]),
    );
  };
  const changedKeys = (): Tuning => ({
    interventions: {
      'decoder.1.selfAttention.key': ({ values, mask }) => ({ values: tf.mul(values, 1.5), mask }),
      'decoder.0.feedForward.inner': ({ values, mask }) => ({ values: tf.mul(values, 0.5), mask }),
    },
    prefixes: {},
    overrides: {},
  });

  test.each([
    ['no tuning', async (): Promise<Tuning> => ({ interventions: {}, prefixes: {}, overrides: {} })],
    ['a scaled prompt', prompt],
    ['prefixes at every attention', async (): Promise<Tuning> => prefix()],
    ['prefixes as earlier tokens', async (): Promise<Tuning> => earlierTokens()],
    ['interventions in the decoder', async (): Promise<Tuning> => changedKeys()],
  ])('cached and padded equals uncached and alone, with %s', async (_, tuned) => {
    const tuning = await tuned();
    const expected = await uncachedGreedy(model, sources, 12, tuning);
    expect(new Set(expected.map(String)).size).toBeGreaterThan(1);
    expect(await generate(model, source, { maxNewTokens: 12 }, tuning)).toEqual(expected);
  });

  test.each([1, 3])(
    '%i beams say the same by the layers that a tuning acts on as by the bare ones',
    async (numBeams) => {
      const places = ['selfAttention.key', 'crossAttention.query', 'feedForward.inner', 'output'] as const;
      const blocks = Array.from({ length: model.config.numDecoderLayers }, (_, block) => block);
      const unchanged: Intervention = (output) => output;
      const sites = blocks.flatMap((block) => places.map((place): Site => `decoder.${block}.${place}`));
      const everywhere = [...sites, 'decoder.final' as const].map((site) => [site, unchanged]);
      const interventions = Object.fromEntries(everywhere) as Tuning['interventions'];
      const tuning: Tuning = { interventions, prefixes: {}, overrides: {} };
      const options = { maxNewTokens: 8, minNewTokens: 8, numBeams };
      const bare = await generate(model, source, options);
      expect(new Set(bare.map(String)).size).toBeGreaterThan(1);
      expect(await generate(model, source, options, tuning)).toEqual(bare);
    },
  );

  test('a beam search finds a sequence at least as probable as greedy search', async () => {
    const options = { maxNewTokens: 6, minNewTokens: 6, lengthPenalty: 0 };
    const greedy = await generate(model, source, options);
    const beams = await generate(model, source, { ...options, numBeams: 4, earlyStopping: 'never' });
    const logProbability = (row: number, ids: readonly number[]): number => {
      const batch = { source: padBatch([sources[row] ?? []], 0), target: padBatch([ids], 0) };
      const each = tf.tidy(() => {
        const scores = tf.logSoftmax(logits(model, batch).squeeze([0]) as tf.Tensor2D);
        return tf
          .sum(tf.mul(scores, tf.oneHot(tf.tensor1d([...ids], 'int32'), model.config.vocabulary)))
          .dataSync()[0];
      });
      tf.dispose(batch);
      return each as number;
    };
    const gains = beams.map((ids, row) => logProbability(row, ids) - logProbability(row, greedy[row] ?? []));
    expect(Math.min(...gains)).toBeGreaterThan(-1e-4);
    expect(Math.max(...gains)).toBeGreaterThan(1e-3);
  });

  test('minNewTokens, noRepeatNgramSize and maxNewTokens hold', async () => {
    const rows = await generate(model, source, { maxNewTokens: 9, minNewTokens: 9, noRepeatNgramSize: 2 });
    for (const ids of rows) {
      expect(ids).toHaveLength(9);
      const pairs = ids.slice(1).map((id, i) => `${ids[i]} ${id}`);
      expect(new Set(pairs).size).toBe(pairs.length);
    }
  });

  test('leaves no tensor behind', async () => {
    await generate(model, source, { maxNewTokens: 3 });
    const before = tf.memory().numTensors;
    await generate(model, source, { maxNewTokens: 5 });
    await generate(model, source, { maxNewTokens: 5, numBeams: 3 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [{ maxNewTokens: 0 }, /maxNewTokens must be a whole number of at least 1; found 0/],
    [{ numBeams: 1.5 }, /numBeams must be a whole number of at least 1; found 1.5/],
    [{ lengthPenalty: NaN }, /lengthPenalty must be a finite number; found NaN/],
    [{ beams: 4 }, /unknown option 'beams'/],
  ])('refuses %j', async (options, message) => {
    await expect(generate(model, source, options as object)).rejects.toThrow(message);
  });
});
