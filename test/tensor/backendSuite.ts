import { seq2SeqBatch, type EncodedExample } from '../../src/model/batch';
import { type T5Config, t5v10 } from '../../src/model/config';
import { generate } from '../../src/model/decode';
import type { WeightName } from '../../src/model/sites';
import type { T5 } from '../../src/model/t5';
import { tf } from '../../src/tensor/backend';
import { attentionCore, embedTokens, geluTanh, rmsNorm, tokenCrossEntropy } from '../../src/tensor/fused';
import { random } from '../../src/tensor/random';
import { pickRows, repeatRuns, spreadRows } from '../../src/tensor/rows';
import { optimizerOf, trainConfig } from '../../src/training/trainConfig';
import { gradients } from '../../src/training/step';
import { fineTuning } from '../../src/tuning/fineTuning';
import type { TuningMethod } from '../../src/tuning/method';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { stackParams } from '../../src/tuning/stack';

/** One thing that every backend must compute alike; made of tensors on the running backend. */
export type BackendCase = { readonly name: string; readonly compute: () => Promise<number[]> };

/** Seeded normal values: the same on every backend. */
function draw<T extends tf.Tensor>(label: string, shape: readonly number[], scale = 0.5): T {
  const rng = random(label);
  const size = shape.reduce((n, d) => n * d, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => scale * rng.normal()),
    [...shape],
  ) as T;
}

async function read(tensors: readonly tf.Tensor[]): Promise<number[]> {
  const all: number[] = [];
  for (const tensor of tensors) all.push(...((await tensor.data()) as Float32Array));
  tf.dispose([...tensors]);
  return all;
}

function value(name: string, build: () => tf.Tensor | tf.Tensor[]): BackendCase {
  return { name, compute: () => read([tf.tidy(build)].flat()) };
}

/** Gradients in every input of a weighted sum of the result, so that no two elements of it weigh the same. */
function gradient(
  name: string,
  shapes: readonly (readonly number[])[],
  build: (...inputs: tf.Tensor[]) => tf.Tensor,
): BackendCase {
  const loss = (...inputs: tf.Tensor[]): tf.Scalar => {
    const result = build(...inputs);
    return tf.sum(tf.mul(result, draw(`${name} weights`, result.shape)));
  };
  return {
    name: `gradient of ${name}`,
    compute: () => read(tf.tidy(() => tf.grads(loss)(shapes.map((shape, i) => draw(`${name} ${i}`, shape))))),
  };
}

const ids = (values: readonly number[], rows: number): tf.Tensor2D =>
  tf.tensor2d([...values], [rows, values.length / rows], 'int32');

const ops: readonly BackendCase[] = [
  value('matMul of matrices', () => tf.matMul(draw('a', [33, 17]), draw('b', [17, 29]))),
  value('matMul, transposed either way', () => [
    tf.matMul(draw('a', [3, 7, 5]), draw('b', [3, 7, 6]), true, false),
    tf.matMul(draw('a', [2, 3, 7, 5]), draw('b', [2, 3, 4, 5]), false, true),
  ]),
  value('broadcast add, sub, mul, div', () => {
    const [a, b] = [draw('a', [2, 3, 4, 5]), draw('b', [1, 3, 1, 5])];
    return [tf.add(a, b), tf.sub(a, b), tf.mul(a, b), tf.div(a, tf.add(tf.abs(b), 1))];
  }),
  value('softmax over a masked axis', () => {
    const masked = tf.tensor1d([0, 0, -1e9, 0, -1e9]);
    return tf.softmax(tf.add(draw('a', [2, 3, 4, 5], 3), masked));
  }),
  value('sums, means and maxima', () => {
    const a = draw('a', [4, 5, 6]);
    return [tf.sum(a, 1), tf.mean(a, -1, true), tf.max(a, -1), tf.sum(a), tf.mean(a, [0, 1])];
  }),
  value('pointwise functions', () => {
    const a = draw('a', [5, 7]);
    const positive = tf.add(tf.abs(a), 0.1);
    return [
      tf.square(a),
      tf.sqrt(positive),
      tf.rsqrt(positive),
      tf.log(positive),
      tf.exp(a),
      tf.tanh(a),
      tf.relu(a),
      tf.abs(a),
      tf.maximum(a, 0.2),
      tf.minimum(a, 0.2),
    ];
  }),
  value('gather, oneHot, range, fill', () => [
    tf.gather<tf.Tensor>(draw('a', [9, 4]), ids([8, 0, 3, 3], 2)),
    tf.oneHot(tf.tensor1d([2, 0, 1], 'int32'), 4).toFloat(),
    tf.range(0, 5, 1, 'int32').toFloat(),
    tf.fill([2, 3], 7),
  ]),
  value('shapes: concat, split, stack, slice, pad, transpose', () => {
    const a = draw('a', [2, 6, 4]);
    const [left, right] = tf.split(a, [2, 4], 1) as [tf.Tensor, tf.Tensor];
    return [
      tf.concat([right, left], 1),
      tf.stack([left, left]),
      tf.slice(a, [0, 1, 1], [2, 3, -1]),
      tf.pad(a, [
        [0, 0],
        [1, 0],
        [0, 2],
      ]),
      tf.transpose(a.reshape([2, 6, 2, 2]), [0, 2, 1, 3]),
    ];
  }),
  value('where and casts', () => {
    const a = draw('a', [4, 5]);
    return [tf.where(tf.greater(a, 0), a, tf.zerosLike(a)), a.mul(10).toInt().toFloat()];
  }),
  value('sum of many', () => tf.addN([draw('a', [4, 5]), draw('b', [4, 5]), draw('c', [4, 5])])),
];

const opGradients: readonly BackendCase[] = [
  gradient(
    'matMul',
    [
      [3, 5, 4],
      [3, 5, 6],
    ],
    (a, b) => tf.matMul(a, b, true, false),
  ),
  gradient(
    'broadcast mul and add',
    [
      [2, 3, 4],
      [3, 1],
    ],
    (a, b) => tf.mul(tf.add(a, b), b),
  ),
  gradient('softmax', [[3, 4, 5]], (a) => tf.softmax(a)),
  gradient(
    'concat and slice',
    [
      [2, 3, 4],
      [2, 2, 4],
    ],
    (a, b) => tf.slice(tf.concat([a, b], 1), [0, 2, 0], [2, 2, 4]),
  ),
  gradient('transpose and reshape', [[2, 6, 4]], (a) => tf.transpose(a.reshape([2, 6, 2, 2]), [0, 2, 1, 3])),
  gradient('relu and mean', [[4, 6]], (a) => tf.mean(tf.relu(a), -1, true)),
  gradient('rows shared out to runs', [[2, 3, 4]], (a) => repeatRuns(a, 6)),
  gradient('rows that are picked', [[5, 3]], (a) => pickRows(a as tf.Tensor2D, [4, 0, 3])),
  gradient('rows that are spread', [[3, 2]], (a) => spreadRows(a as tf.Tensor2D, [4, 0, 3], 5)),
  gradient('RMS norm', [[2, 3, 8], [8]], (x, w) => rmsNorm(x as tf.Tensor3D, w as tf.Tensor1D, 1e-6, true)),
  gradient(
    'attention with its bias',
    [
      [2, 2, 3, 4],
      [2, 2, 5, 4],
      [2, 2, 5, 4],
      [1, 2, 3, 5],
    ],
    (q, k, v, bias) =>
      attentionCore(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, bias as tf.Tensor4D, true),
  ),
  gradient('gelu', [[5, 7]], (x) => geluTanh(x as tf.Tensor2D)),
  gradient('embedded tokens', [[9, 4]], (table) =>
    embedTokens(table as tf.Tensor2D, ids([8, 0, 3, 3, 1, 8], 2), true),
  ),
];

/** Labels outlive the tape, so they stand outside the differentiated function. */
function crossEntropyGradient(labelSmoothing: number): BackendCase {
  return {
    name: `gradient of cross-entropy, label smoothing ${labelSmoothing}`,
    compute: () =>
      read(
        tf.tidy(() => {
          const labels = tf.tensor1d([1, 2, 3, 10, 0], 'int32');
          const loss = (hidden: tf.Tensor, table: tf.Tensor): tf.Scalar =>
            tf.mean(
              tokenCrossEntropy(hidden as tf.Tensor2D, table as tf.Tensor2D, labels, labelSmoothing, true),
            );
          return tf.grads(loss)([draw('hidden', [5, 8]), draw('table', [11, 8])]);
        }),
      ),
  };
}

const shape: T5Config = {
  vocabulary: 23,
  dModel: 16,
  dKv: 4,
  dFf: 24,
  numHeads: 3,
  numEncoderLayers: 2,
  numDecoderLayers: 2,
  ...t5v10,
  relativeAttentionNumBuckets: 8,
  relativeAttentionMaxDistance: 20,
};

/** A T5 of random weights, the same on every backend. */
function smallT5(config: T5Config): T5 {
  const { dModel, dKv, dFf, numHeads, vocabulary } = config;
  const inner = dKv * numHeads;
  const weights = new Map<WeightName, tf.Tensor>();
  const add = (name: WeightName, dims: readonly number[], scale: number): void =>
    void weights.set(name, draw(name, dims, scale));
  const norm = (name: WeightName): void =>
    void weights.set(
      name,
      tf.tidy(() => tf.add(draw(name, [dModel], 0.1), 1)),
    );
  add('shared.weight', [vocabulary, dModel], 1);
  if (!config.scaleDecoderOutputs) add('lm_head.weight', [vocabulary, dModel], 0.3);
  for (const stack of ['encoder', 'decoder'] as const) {
    const layers = stack === 'encoder' ? config.numEncoderLayers : config.numDecoderLayers;
    const attentions = stack === 'encoder' ? ['SelfAttention'] : ['SelfAttention', 'EncDecAttention'];
    norm(`${stack}.final_layer_norm.weight`);
    for (let block = 0; block < layers; block++) {
      attentions.forEach((attention, layer) => {
        const at = `${stack}.block.${block}.layer.${layer}` as const;
        norm(`${at}.layer_norm.weight`);
        for (const part of ['q', 'k', 'v'] as const)
          add(`${at}.${attention}.${part}.weight`, [inner, dModel], 0.25);
        add(`${at}.${attention}.o.weight`, [dModel, inner], 0.25);
      });
      const last = `${stack}.block.${block}.layer.${attentions.length}` as const;
      norm(`${last}.layer_norm.weight`);
      const into = config.feedForward === 'relu' ? ['wi'] : ['wi_0', 'wi_1'];
      for (const part of into) add(`${last}.DenseReluDense.${part}.weight`, [dFf, dModel], 0.25);
      add(`${last}.DenseReluDense.wo.weight`, [dModel, dFf], 0.25);
    }
    add(
      `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
      [config.relativeAttentionNumBuckets, numHeads],
      0.5,
    );
  }
  return { config, weights, dispose: () => tf.dispose([...weights.values()]) };
}

function examples(label: string, count: number): EncodedExample[] {
  const rng = random(label);
  const text = (length: number): number[] => [...Array.from({ length }, () => 2 + rng.integer(21)), 1];
  return Array.from({ length: count }, () => ({
    source: text(3 + rng.integer(6)),
    target: text(2 + rng.integer(4)),
  }));
}

/** Losses, gradients and parameters after one training step of two runs (one where the method can't share a step). */
function step<Config extends object>(
  name: string,
  config: T5Config,
  method: TuningMethod<Config>,
  methodConfig: Config,
  optimizer: 'adamw' | 'adafactor',
): BackendCase {
  return {
    name,
    compute: async () => {
      const model = smallT5(config);
      const seeds = method.batchesRuns ? [1, 2] : [1];
      const single = await Promise.all(seeds.map((seed) => method.init(model, methodConfig, random(seed))));
      const params = stackParams(single);
      const training = trainConfig({ steps: 1, learningRate: 0.05, optimizer: { name: optimizer } });
      const result = tf.tidy(() => {
        const perRun = seeds.map((seed) => examples(`run ${seed}`, 3));
        const blocks = [{ methodConfig, runs: seeds.length }];
        const tuned = { model, method, blocks } as unknown as Parameters<typeof gradients>[0];
        const { losses, grads: ofBlocks } = gradients(tuned, [params], perRun, { ...training, batch: 3 });
        const [grads = {}] = ofBlocks;
        const optimize = optimizerOf(training.optimizer);
        const rates = Object.fromEntries(Object.keys(params).map((key) => [key, training.learningRate]));
        const next = optimize.update(grads, optimize.init(params), params, rates, 1);
        return [losses, ...Object.values(grads), ...Object.values(next.params)];
      });
      tf.dispose([single, params]);
      const numbers = await read(result);
      model.dispose();
      return numbers;
    },
  };
}

const prompts = { ...scaledPromptTuning.defaults, length: 4 };
const gated: T5Config = { ...shape, feedForward: 'gated-gelu', scaleDecoderOutputs: false };

const models: readonly BackendCase[] = [
  step('one SPT step of two runs, T5 v1.0, Adafactor', shape, scaledPromptTuning, prompts, 'adafactor'),
  step('one SPT step of two runs, T5 v1.1, Adafactor', gated, scaledPromptTuning, prompts, 'adafactor'),
  step('one Fine-Tuning step, T5 v1.0, Adafactor', shape, fineTuning, fineTuning.defaults, 'adafactor'),
  {
    name: 'ids of greedy decoding',
    compute: async () => {
      const model = smallT5(shape);
      const batch = seq2SeqBatch(examples('decode', 4), 0);
      const found = await generate(model, batch.source, { maxNewTokens: 4 });
      tf.dispose([batch.source, batch.target]);
      model.dispose();
      return found.flatMap((row) => [...row, -1]);
    },
  },
];

/** All of it, least parts first, so that the first failure names the cause. */
export const backendCases: readonly BackendCase[] = [
  ...ops,
  ...opGradients,
  crossEntropyGradient(0),
  crossEntropyGradient(0.1),
  ...models,
];
