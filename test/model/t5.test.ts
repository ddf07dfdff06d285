import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seq2SeqBatch, type EncodedExample, type Seq2SeqBatch } from '../../src/model/batch';
import { relativeBucket } from '../../src/model/positionBias';
import { untuned, type Activation, type Intervention, type Site, type Tuning } from '../../src/model/sites';
import { capture, forManyPasses, logits, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { runLosses } from '../../src/training/loss';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

const sites: readonly Site[] = [
  'encoder.embed',
  'encoder.1.selfAttention.query',
  'encoder.1.selfAttention.key',
  'encoder.1.selfAttention.value',
  'encoder.1.selfAttention.output',
  'encoder.0.feedForward.inner',
  'encoder.0.feedForward.output',
  'encoder.1.output',
  'encoder.final',
  'decoder.embed',
  'decoder.0.selfAttention.key',
  'decoder.1.crossAttention.query',
  'decoder.1.crossAttention.key',
  'decoder.1.crossAttention.value',
  'decoder.1.crossAttention.output',
  'decoder.1.output',
  'decoder.final',
];

const keepAll: Tuning['interventions'] = Object.fromEntries(
  (['encoder', 'decoder'] as const).flatMap((stack) =>
    [0, 1].flatMap((block) =>
      [
        `${stack}.${block}.selfAttention.output`,
        `${stack}.${block}.feedForward.output`,
        ...(stack === 'decoder' ? [`decoder.${block}.crossAttention.output`] : []),
      ].map((site) => [site, (output: Activation) => output]),
    ),
  ),
);

test.each([
  ['v1.0', 0, { feedForward: 'relu', scaleDecoderOutputs: true }],
  ['v1.1', 0, { feedForward: 'gated-gelu', scaleDecoderOutputs: false }],
  ['v1.0 with label smoothing', 0.1, { feedForward: 'relu', scaleDecoderOutputs: true }],
] as const)(
  'a T5 %s has the same gradients by fused layers and by single ones',
  async (_, smoothing, shape) => {
    await useBackend('tensorflow');
    const model = tinyT5(4, shape);
    const batch = seq2SeqBatch(tinyExamples(3), model.config.padTokenId);
    const names = [...model.weights.keys()];
    const gradients = (interventions: Tuning['interventions']): tf.Tensor[] =>
      tf.grads((...weights: tf.Tensor[]) => {
        const overrides = Object.fromEntries(names.map((name, i) => [name, weights[i]]));
        return tf.sum(runLosses(model, batch, { interventions, prefixes: {}, overrides }, 1, smoothing));
      })([...model.weights.values()]);
    const fused = gradients({});
    const single = gradients(keepAll);
    names.forEach((name, i) => {
      const [a, b] = [fused[i] as tf.Tensor, single[i] as tf.Tensor];
      const [difference, size] = tf.tidy(() => [
        tf.norm(tf.sub(a, b)).dataSync()[0] as number,
        tf.norm(b).dataSync()[0] as number,
      ]);
      expect(size, name).toBeGreaterThan(0);
      expect(difference / size, name).toBeLessThan(1e-4);
    });
    tf.dispose([fused, single]);
    tf.dispose(batch);
    model.dispose();
  },
);

test.each([
  ['v1.0', 2, { feedForward: 'relu' }],
  ['v1.0', 40, { feedForward: 'relu' }],
  ['v1.1', 2, { feedForward: 'gated-gelu' }],
  ['v1.1', 40, { feedForward: 'gated-gelu' }],
] as const)(
  'a frozen T5 %s of %i rows gives its input the same gradient by fused layers and by single ones',
  async (_, rows, shape) => {
    await useBackend('tensorflow');
    const model = tinyT5(4, shape);
    // Norms that are not all ones, or a weight left out would not be noticed.
    for (const [name, weight] of model.weights)
      if (weight.rank === 1)
        (model.weights as Map<string, tf.Tensor>).set(name, tf.linspace(0.5, 2, weight.size));
    const examples = tinyExamples(rows).map((example, row) => ({
      ...example,
      target: example.target.slice(-1 - (row % 3)),
    }));
    const batch = seq2SeqBatch(examples, model.config.padTokenId);
    const gradient = (interventions: Tuning['interventions']): tf.Tensor =>
      tf.grad((offset: tf.Tensor) => {
        const embed: Intervention = ({ values, mask }) => ({ values: tf.add(values, offset), mask });
        const tuning = {
          interventions: { ...interventions, 'encoder.embed': embed },
          prefixes: {},
          overrides: {},
        };
        return tf.sum(runLosses(model, batch, tuning, 2));
      })(tf.zeros([1, 1, model.config.dModel]));
    const [fused, single] = [gradient({}), gradient(keepAll)];
    const [difference, size] = tf.tidy(() => [
      tf.norm(tf.sub(fused, single)).dataSync()[0] as number,
      tf.norm(single).dataSync()[0] as number,
    ]);
    expect(size).toBeGreaterThan(0);
    expect(difference / size).toBeLessThan(1e-4);
    tf.dispose([fused, single]);
    tf.dispose(batch);
    model.dispose();
  },
);

test('the loss of each run is the mean over its own target tokens, however they are padded', async () => {
  await useBackend('tensorflow');
  const model = tinyT5(4);
  const [a, b, c, d] = tinyExamples(4, 3) as [EncodedExample, EncodedExample, EncodedExample, EncodedExample];
  const long = { ...c, target: [...c.source, ...c.target] };
  const lossesOf = (examples: readonly EncodedExample[], runs: number): number[] => {
    const batch = seq2SeqBatch(examples, model.config.padTokenId);
    const losses = runLosses(model, batch, untuned, runs);
    const found = [...losses.dataSync()];
    tf.dispose([losses]);
    tf.dispose(batch);
    return found;
  };
  const none = { source: a.source, target: [] };
  const alone = [a, b, long, d].map((example) => ({
    loss: lossesOf([example], 1)[0] as number,
    tokens: example.target.length,
  }));
  const meanOf = (...rows: readonly number[]): number => {
    const own = rows.map((row) => alone[row] as { loss: number; tokens: number });
    const tokens = own.reduce((sum, one) => sum + one.tokens, 0);
    return own.reduce((sum, one) => sum + one.loss * one.tokens, 0) / tokens;
  };
  const [first, second] = lossesOf([a, b, long, d], 2) as [number, number];
  expect(first).toBeCloseTo(meanOf(0, 1), 4);
  expect(second).toBeCloseTo(meanOf(2, 3), 4);
  // Rows without a target fill up where runs have different numbers of examples: they weigh nothing.
  expect(lossesOf([none, b], 1)[0]).toBeCloseTo(meanOf(1), 4);
  model.dispose();
});

test('what layers derive of frozen weights is kept for many passes, until it is released; of trained ones nothing is', async () => {
  await useBackend('tensorflow');
  const model = tinyT5(4);
  const batch = seq2SeqBatch(tinyExamples(40), model.config.padTokenId);
  const before = tf.memory().numTensors;
  const frozen = forManyPasses(model);
  const loss = (of: T5, tuning: Tuning): number => {
    const found = runLosses(of, batch, tuning, 1);
    const [value] = found.dataSync();
    found.dispose();
    return value as number;
  };
  const overrides = Object.fromEntries([...model.weights].filter(([name]) => name !== 'shared.weight'));
  expect(loss(frozen.model, { ...untuned, overrides })).toBeCloseTo(loss(model, untuned), 5);
  expect(tf.memory().numTensors).toBe(before);
  expect(loss(frozen.model, untuned)).toBeCloseTo(loss(model, untuned), 5);
  const kept = tf.memory().numTensors;
  expect(kept).toBeGreaterThan(before);
  expect(loss(frozen.model, untuned)).toBeCloseTo(loss(model, untuned), 5);
  expect(tf.memory().numTensors).toBe(kept);
  frozen.release();
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(batch);
  model.dispose();
});

describe('the frozen T5', () => {
  let model: T5;
  let batch: Seq2SeqBatch;
  beforeAll(async () => {
    await useBackend('tensorflow');
    model = tinyT5(2);
    batch = seq2SeqBatch(tinyExamples(4), model.config.padTokenId);
  });
  afterAll(() => {
    tf.dispose(batch);
    model.dispose();
  });

  const tuned = (site: Site, intervene: Intervention): number[] =>
    tf.tidy(() =>
      Array.from(
        logits(model, batch, {
          interventions: { [site]: intervene },
          prefixes: {},
          overrides: {},
        }).dataSync(),
      ),
    );

  test.each(sites)(
    '%s: an intervention that gives back what it got changes nothing, another does',
    (site) => {
      const plain = tf.tidy(() => Array.from(logits(model, batch).dataSync()));
      // A site that is acted on takes its layer off the fused route, so this also holds the two routes together.
      tuned(site, (output) => output).forEach((value, i) =>
        expect(Math.abs(value - (plain[i] as number))).toBeLessThan(1e-5),
      );
      // Not a factor: the norm after a stack's last block would undo it.
      const squared = tuned(site, ({ values, mask }) => ({ values: tf.square(values), mask }));
      expect(Math.max(...squared.map((value, i) => Math.abs(value - (plain[i] as number))))).toBeGreaterThan(
        1e-5,
      );
    },
  );

  test('capture gives what the next layer reads, after interventions', () => {
    const clean = capture(model, batch, ['encoder.embed', 'encoder.0.selfAttention.weights']);
    const changed = capture(model, batch, ['encoder.embed'], {
      interventions: { 'encoder.embed': ({ values, mask }) => ({ values: tf.mul(values, 3), mask }) },
      prefixes: {},
      overrides: {},
    });
    const ratio = tf.tidy(() =>
      Array.from(
        tf.div(changed.get('encoder.embed') as tf.Tensor, clean.get('encoder.embed') as tf.Tensor).dataSync(),
      ),
    );
    ratio.forEach((value) => expect(value).toBeCloseTo(3, 5));
    const weights = clean.get('encoder.0.selfAttention.weights') as tf.Tensor4D;
    const [rows, , queries, keys] = weights.shape;
    expect(Array.from(tf.sum(weights, -1).dataSync()).every((sum) => Math.abs(sum - 1) < 1e-5)).toBe(true);
    // Padded keys get no attention from any query or head.
    const mask = batch.source.mask.dataSync();
    const perKey = tf.tidy(() => tf.sum(weights, [1, 2]).dataSync());
    for (let i = 0; i < rows * keys; i++) if (mask[i] === 0) expect(perKey[i]).toBe(0);
    expect(mask.some((value) => value === 0)).toBe(true);
    expect(queries).toBe(keys);
    for (const tensor of [...clean.values(), ...changed.values()]) tensor.dispose();
  });

  test('padding changes no row', () => {
    const alone = seq2SeqBatch(tinyExamples(1), model.config.padTokenId);
    const [length, vocabulary] = [alone.target.ids.shape[1], model.config.vocabulary];
    const [single, padded] = tf.tidy(() => [
      logits(model, alone).dataSync(),
      logits(model, batch).slice([0, 0, 0], [1, length, vocabulary]).dataSync(),
    ]);
    tf.dispose(alone);
    expect(batch.source.ids.shape[1]).toBeGreaterThan(alone.source.ids.shape[1]);
    single.forEach((value, i) => expect(Math.abs(value - (padded[i] as number))).toBeLessThan(1e-5));
  });

  test('a site that the model does not have is named', () => {
    expect(() => capture(model, batch, ['encoder.7.output'])).toThrow(
      /no site encoder\.7\.output in a model of 2 encoder and 2 decoder blocks/,
    );
    // @ts-expect-error a misspelled site does not compile
    expect(() => capture(model, batch, ['encoder.0.selfAttention.keys'])).toThrow(/no site/);
  });

  test('distances fall into the buckets that transformers gives them', () => {
    // T5Attention._relative_position_bucket of transformers 5.23, 32 buckets, distance 128.
    const distances = [-200, -127, -33, -16, -15, -8, -1, 0, 1, 7, 8, 12, 20, 64, 128, 300];
    expect(distances.map((d) => relativeBucket(d, true, 32, 128))).toEqual([
      15, 15, 12, 10, 9, 8, 1, 0, 17, 23, 24, 25, 26, 30, 31, 31,
    ]);
    expect(distances.map((d) => relativeBucket(d, false, 32, 128))).toEqual([
      31, 31, 21, 16, 15, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});
