import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointError, ConfigError } from '../../src/errors';
import { expectedWeights, initT5, loadT5, saveT5 } from '../../src/model/checkpoint';
import { parseT5Config, t5ConfigJson, type T5Config } from '../../src/model/config';
import { readSafetensors, writeSafetensors, type TensorSource } from '../../src/model/safetensors';
import type { WeightName } from '../../src/model/sites';
import type { T5 } from '../../src/model/t5';
import type { Tokenizer } from '../../src/model/tokenizer';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { temporaryFolder } from '../support/temporaryFolder';

const config: T5Config = {
  vocabulary: 11,
  dModel: 6,
  dKv: 5,
  dFf: 7,
  numHeads: 3,
  numEncoderLayers: 2,
  numDecoderLayers: 1,
  relativeAttentionNumBuckets: 8,
  relativeAttentionMaxDistance: 20,
  layerNormEpsilon: 1e-6,
  feedForward: 'gated-gelu',
  scaleDecoderOutputs: true,
  padTokenId: 0,
  endTokenId: 1,
  decoderStartTokenId: 0,
};

beforeAll(async () => {
  await useBackend('tensorflow');
});

type Sources = Record<string, TensorSource>;

/** A folder with a random model, its tensors changed before they are written. */
async function folderWith(change: (tensors: Sources) => void, shape: T5Config = config): Promise<string> {
  const folder = temporaryFolder();
  const model = initT5(shape, random(1));
  const tensors: Sources = Object.fromEntries(model.weights);
  change(tensors);
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(t5ConfigJson(shape)));
  model.dispose();
  return folder;
}

async function messageOf(action: Promise<T5>, folder: string): Promise<string> {
  const error: unknown = await action.then(
    (model) => model.dispose(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as Error).message.replaceAll(`${folder}/`, '').replaceAll(folder, 'FOLDER');
}

function source(shape: readonly number[], value = 0.5): TensorSource {
  const length = shape.reduce((product, n) => product * n, 1);
  return { shape, data: () => Promise.resolve(new Float32Array(length).fill(value)) };
}

function valuesOf(model: T5, name: WeightName): Float32Array {
  return model.weights.get(name)?.dataSync() as Float32Array;
}

describe('expectedWeights', () => {
  it.each([
    ['google-t5/t5-small', { model_type: 't5' }, 60_506_624],
    [
      'google-t5/t5-large',
      { model_type: 't5', d_model: 1024, d_ff: 4096, num_heads: 16, num_layers: 24 },
      737_668_096,
    ],
    [
      'google/flan-t5-small, its lm_head aside',
      {
        model_type: 't5',
        d_ff: 1024,
        num_heads: 6,
        num_layers: 8,
        feed_forward_proj: 'gated-gelu',
        tie_word_embeddings: false,
      },
      76_961_152 - 32_128 * 512,
    ],
  ])('counts the published parameters of %s', (_name, json, parameters) => {
    const shapes = [...expectedWeights(parseT5Config(json, 'config.json')).values()];
    expect(shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(parameters);
  });
});

describe('initT5', () => {
  it("has the standard deviations of transformers' _init_weights", () => {
    const large = { ...config, vocabulary: 700, dModel: 48, dKv: 20, dFf: 96, scaleDecoderOutputs: false };
    const model = initT5(large, random(3));
    const deviations: readonly (readonly [WeightName, number])[] = [
      ['shared.weight', 1],
      ['lm_head.weight', 1],
      ['encoder.block.0.layer.0.SelfAttention.q.weight', (48 * 20) ** -0.5],
      ['encoder.block.1.layer.0.SelfAttention.k.weight', 48 ** -0.5],
      ['decoder.block.0.layer.1.EncDecAttention.v.weight', 48 ** -0.5],
      ['decoder.block.0.layer.1.EncDecAttention.o.weight', 60 ** -0.5],
      ['encoder.block.0.layer.1.DenseReluDense.wi_1.weight', 48 ** -0.5],
      ['decoder.block.0.layer.2.DenseReluDense.wo.weight', 96 ** -0.5],
    ];
    for (const [name, deviation] of deviations) {
      const values = valuesOf(model, name);
      const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.sqrt(square) / deviation, name).toBeCloseTo(1, 1);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length)).toBeLessThan(
        4 * deviation * values.length ** -0.5,
      );
    }
    expect([...valuesOf(model, 'decoder.final_layer_norm.weight')]).toEqual(Array(48).fill(1));
    model.dispose();
  });

  it('depends on the seed only, and is tied where the output is scaled', () => {
    const [a, b, c] = [initT5(config, random(5)), initT5(config, random(5)), initT5(config, random(6))];
    const name = 'encoder.block.0.layer.0.SelfAttention.q.weight';
    expect(valuesOf(a, name)).toEqual(valuesOf(b, name));
    expect(valuesOf(a, name)).not.toEqual(valuesOf(c, name));
    expect(a.weights.has('lm_head.weight')).toBe(false);
    for (const model of [a, b, c]) model.dispose();
  });
});

describe('saveT5 and loadT5', () => {
  it.each(['gated-gelu', 'relu'] as const)('give the same model back (%s)', async (feedForward) => {
    const folder = path.join(temporaryFolder(), 'new', 'model');
    const model = initT5({ ...config, feedForward, scaleDecoderOutputs: feedForward === 'relu' }, random(2));
    await saveT5(model, folder);
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'model.safetensors']);
    const loaded = await loadT5(folder);
    expect(loaded.config).toEqual(model.config);
    expect([...loaded.weights.keys()].sort()).toEqual([...model.weights.keys()].sort());
    for (const [name, weight] of model.weights) {
      expect(loaded.weights.get(name)?.shape).toEqual(weight.shape);
      expect(valuesOf(loaded, name)).toEqual(valuesOf(model, name));
    }
    const { metadata } = await readSafetensors(path.join(folder, 'model.safetensors'));
    expect(metadata).toEqual({ format: 'pt' });
    loaded.dispose();
    model.dispose();
  });

  it('rounds to BF16 where asked', async () => {
    const folder = temporaryFolder();
    const model = initT5(config, random(2));
    await saveT5(model, folder, { dtype: 'BF16' });
    const loaded = await loadT5(folder);
    const [before, after] = [valuesOf(model, 'shared.weight'), valuesOf(loaded, 'shared.weight')];
    expect(after).not.toEqual(before);
    before.forEach((value, i) =>
      expect(Math.abs((after[i] as number) - value)).toBeLessThanOrEqual(Math.abs(value) / 256),
    );
    loaded.dispose();
    model.dispose();
  });

  it('leaves no tensor behind, neither when it succeeds nor when it fails', async () => {
    const good = await folderWith(() => undefined);
    const bad = await folderWith((tensors) => {
      delete tensors['decoder.final_layer_norm.weight'];
    });
    const { numTensors } = tf.memory();
    (await loadT5(good)).dispose();
    await expect(loadT5(bad)).rejects.toThrow(CheckpointError);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('refuses a folder that cannot be made', async () => {
    const model = initT5(config, random(2));
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(saveT5(model, path.join(file, 'model'))).rejects.toThrow(
      new CheckpointError(`${file}/model: cannot be made: a part of its path is no folder`),
    );
    model.dispose();
  });
});

describe('the embedding and the vocabulary projection', () => {
  it.each(['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'])(
    'reads shared.weight stored as %s',
    async (name) => {
      const folder = await folderWith((tensors) => {
        tensors[name] = tensors['shared.weight'] as TensorSource;
        delete tensors['shared.weight'];
      });
      const [loaded, model] = [await loadT5(folder), initT5(config, random(1))];
      expect(valuesOf(loaded, 'shared.weight')).toEqual(valuesOf(model, 'shared.weight'));
      expect(loaded.weights.size).toBe(expectedWeights(config).size);
      loaded.dispose();
      model.dispose();
    },
  );

  it('drops copies of the embedding, lm_head among them, and the bias that no T5 uses', async () => {
    const folder = await folderWith((tensors) => {
      const shared = tensors['shared.weight'] as TensorSource;
      for (const name of ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight', 'lm_head.weight'])
        tensors[name] = shared;
      tensors['decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight'] = source([8, 3]);
    });
    const loaded = await loadT5(folder);
    expect([...loaded.weights.keys()].sort()).toEqual([...expectedWeights(config).keys()].sort());
    loaded.dispose();
  });

  it('keeps an lm_head of its own, whatever the config says', async () => {
    const folder = await folderWith((tensors) => {
      tensors['lm_head.weight'] = source([11, 6]);
    });
    const loaded = await loadT5(folder);
    expect(loaded.config.scaleDecoderOutputs).toBe(true);
    expect([...valuesOf(loaded, 'lm_head.weight')]).toEqual(Array(66).fill(0.5));
    loaded.dispose();
  });

  it('refuses embeddings of the stacks that differ', async () => {
    const folder = await folderWith((tensors) => {
      tensors['decoder.embed_tokens.weight'] = source([11, 6]);
    });
    expect(await messageOf(loadT5(folder), folder)).toBe(
      'model.safetensors: decoder.embed_tokens.weight must equal shared.weight; a T5 with embeddings apart is not read',
    );
  });
});

describe('what does not fit', () => {
  const q = 'encoder.block.1.layer.0.SelfAttention.q.weight';
  it.each<readonly [string, (tensors: Sources) => void, string]>([
    [
      'a missing tensor',
      (tensors) => {
        Reflect.deleteProperty(tensors, q);
      },
      `FOLDER: tensor ${q} is missing`,
    ],
    [
      'another shape',
      (tensors) => {
        tensors[q] = source([15, 7]);
      },
      `model.safetensors: tensor ${q} must have shape [15, 6] by config.json; found [15, 7]`,
    ],
    [
      'a transposed projection',
      (tensors) => {
        tensors[q] = source([6, 15]);
      },
      `model.safetensors: tensor ${q} must have shape [15, 6] by config.json; found [6, 15]`,
    ],
    [
      'an embedding of another vocabulary',
      (tensors) => {
        tensors['shared.weight'] = source([12, 6]);
      },
      'model.safetensors: tensor shared.weight must have shape [11, 6] by config.json; found [12, 6]',
    ],
    [
      'a third encoder block',
      (tensors) => {
        tensors['encoder.block.2.layer.0.layer_norm.weight'] = source([6]);
      },
      'model.safetensors: tensor encoder.block.2.layer.0.layer_norm.weight is no weight of this T5',
    ],
    [
      'a name from elsewhere',
      (tensors) => {
        tensors['__proto__.weight'] = source([1]);
      },
      'model.safetensors: tensor __proto__.weight is no weight of this T5',
    ],
  ])('refuses %s', async (_what, change, message) => {
    const folder = await folderWith(change);
    expect(await messageOf(loadT5(folder), folder)).toBe(message);
  });

  it('refuses integers', async () => {
    const folder = await folderWith((tensors) => delete tensors['lm_head.weight']);
    const file = path.join(folder, 'model.safetensors');
    const bytes = readFileSync(file);
    // Of all dtypes I32 alone has F32's size and the same length of name.
    const first = bytes.indexOf('"F32"');
    bytes.write('"I32"', first);
    writeFileSync(file, bytes);
    expect(await messageOf(loadT5(folder), folder)).toBe(
      'model.safetensors: tensor shared.weight must be F32, F16 or BF16; found I32',
    );
  });

  it('refuses a truncated file, a missing one, and a folder without weights or config', async () => {
    const folder = await folderWith(() => undefined);
    const file = path.join(folder, 'model.safetensors');
    const { length } = readFileSync(file);
    truncateSync(file, length - 3);
    expect(await messageOf(loadT5(folder), folder)).toMatch(
      /^model\.safetensors: truncated: tensor decoder\.final_layer_norm\.weight ends at byte \d+ of the data, the file has \d+$/,
    );
    const empty = temporaryFolder();
    expect(await messageOf(loadT5(empty), empty)).toMatch(/^config\.json: cannot be read: ENOENT/);
    copyFileSync(path.join(folder, 'config.json'), path.join(empty, 'config.json'));
    expect(await messageOf(loadT5(empty), empty)).toBe(
      'FOLDER: must hold model.safetensors or model.safetensors.index.json; found neither',
    );
    writeFileSync(path.join(empty, 'pytorch_model.bin'), '');
    expect(await messageOf(loadT5(empty), empty)).toMatch(/pytorch_model\.bin is not read/);
    writeFileSync(path.join(empty, 'config.json'), '{"model_type": "t5",');
    expect(await messageOf(loadT5(empty), empty)).toMatch(/^config\.json: must hold JSON: /);
    writeFileSync(path.join(empty, 'config.json'), '{"model_type": "bart"}');
    await expect(loadT5(empty)).rejects.toThrow(
      new ConfigError(`${empty}/config.json: model_type must be "t5"; found "bart"`),
    );
  });

  it('takes a tokenizer given to it, and refuses one that knows more ids than the model', async () => {
    const folder = await folderWith(() => undefined);
    const tokenizer: Tokenizer = { vocabulary: 11, encode: () => [1], decode: () => '' };
    const loaded = await loadT5(folder, { tokenizer });
    expect(loaded.tokenizer).toBe(tokenizer);
    loaded.dispose();
    expect(await messageOf(loadT5(folder, { tokenizer: { ...tokenizer, vocabulary: 12 } }), folder)).toBe(
      'FOLDER: the tokenizer must not know more ids than vocab_size 11; it knows 12',
    );
  });
});

describe('shards', () => {
  /** A model in two shards, with what the index says changed. */
  async function shardedFolder(change: (weightMap: Record<string, unknown>) => void): Promise<string> {
    const folder = temporaryFolder();
    const model = initT5(config, random(1));
    const weightMap: Record<string, unknown> = {};
    const shards: readonly [Sources, Sources] = [{}, {}];
    [...model.weights].forEach(([name, weight], i) => {
      (shards[i % 2] as Sources)[name] = weight;
      weightMap[name] = `model-0000${(i % 2) + 1}-of-00002.safetensors`;
    });
    for (const [i, shard] of shards.entries())
      await writeSafetensors(path.join(folder, `model-0000${i + 1}-of-00002.safetensors`), shard);
    change(weightMap);
    writeFileSync(
      path.join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: weightMap }),
    );
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(t5ConfigJson(config)));
    model.dispose();
    return folder;
  }

  it('are read through their index', async () => {
    const [loaded, model] = [await loadT5(await shardedFolder(() => undefined)), initT5(config, random(1))];
    for (const name of model.weights.keys()) expect(valuesOf(loaded, name)).toEqual(valuesOf(model, name));
    loaded.dispose();
    model.dispose();
  });

  it.each<readonly [string, (weightMap: Record<string, unknown>) => void, RegExp]>([
    [
      'a tensor elsewhere than the index says',
      (map) => {
        map['shared.weight'] = 'model-00002-of-00002.safetensors';
      },
      /^model-00002-of-00002\.safetensors: holds no tensor shared\.weight, which model\.safetensors\.index\.json places there$/,
    ],
    [
      'a missing shard',
      (map) => {
        map['shared.weight'] = 'model-00003-of-00002.safetensors';
      },
      /^model-00003-of-00002\.safetensors: cannot be opened: ENOENT/,
    ],
    [
      'a shard outside the folder',
      (map) => {
        map['shared.weight'] = '../model.safetensors';
      },
      /^model\.safetensors\.index\.json: shared\.weight must be in a file of the same folder; found "\.\.\/model\.safetensors"$/,
    ],
  ])('refuses %s', async (_what, change, message) => {
    const folder = await shardedFolder(change);
    expect(await messageOf(loadT5(folder), folder)).toMatch(message);
  });
});

describe('memory', () => {
  it('peaks at most two of the largest tensors above the float32 weights', { timeout: 300_000 }, async () => {
    const small = parseT5Config({ model_type: 't5', vocab_size: 20_000 }, 't5-small');
    const folder = temporaryFolder();
    const shapes = [...expectedWeights(small)];
    const bytes = shapes.map(([, shape]) => 4 * shape.reduce((a, b) => a * b, 1));
    const tensors = Object.fromEntries(shapes.map(([name, shape]) => [name, source(shape)]));
    await writeSafetensors(path.join(folder, 'model.safetensors'), tensors, { dtype: 'BF16' });
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(t5ConfigJson(small)));
    const support = path.join(__dirname, '../support/typescript.cjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--require', support, path.join(__dirname, 'loadChild.ts'), folder],
      { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } },
    );
    const { before, peak, total } = JSON.parse(stdout) as Record<'before' | 'peak' | 'total', number>;
    const weights = bytes.reduce((a, b) => a + b, 0);
    expect(weights).toBeGreaterThan(200e6);
    expect(total).toBeCloseTo(weights / 8, -1);
    // The child's own start (Node, the TypeScript compiler, the backend) is not the loader's.
    expect(peak - before).toBeGreaterThan(0.9 * weights);
    expect(peak - before).toBeLessThan(weights + 2 * Math.max(...bytes));
    expect(existsSync(path.join(folder, 'model.safetensors.partial'))).toBe(false);
  });
});
