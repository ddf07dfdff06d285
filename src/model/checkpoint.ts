import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CheckpointError } from '../errors';
import { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';
import { writeAtomically, writeFailure } from './atomicFile';
import { parseT5Config, t5ConfigJson, type T5Config } from './config';
import {
  openSafetensors,
  writeSafetensors,
  type FloatDtype,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './safetensors';
import type { Stack, WeightName } from './sites';
import type { T5 } from './t5';
import { loadTokenizer, type Tokenizer } from './tokenizer';

const ONE_FILE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** Other names under which checkpoints hold `shared.weight`, instead of it or beside it. */
const embeddingCopies = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'] as const;

/** In the first published T5s; transformers ignores it too, since cross-attention has no position bias. */
const unusedWeights: ReadonlySet<string> = new Set([
  'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight',
]);

/** Every weight that a T5 of this shape must have, in the order of its layers; `lm_head.weight` may come on top. */
export function expectedWeights(config: T5Config): ReadonlyMap<WeightName, readonly number[]> {
  const { vocabulary, dModel, dKv, dFf, numHeads } = config;
  const inner = numHeads * dKv;
  const weights = new Map<WeightName, readonly number[]>([['shared.weight', [vocabulary, dModel]]]);
  const attention = (layer: `${Stack}.block.${number}.layer.${number}`, name: string): void => {
    for (const projection of ['q', 'k', 'v'])
      weights.set(`${layer}.${name}.${projection}.weight`, [inner, dModel]);
    weights.set(`${layer}.${name}.o.weight`, [dModel, inner]);
  };
  const stack = (of: Stack, numLayers: number): void => {
    for (let block = 0; block < numLayers; block++) {
      const layer = (index: number) => `${of}.block.${block}.layer.${index}` as const;
      attention(layer(0), 'SelfAttention');
      if (block === 0)
        weights.set(`${layer(0)}.SelfAttention.relative_attention_bias.weight`, [
          config.relativeAttentionNumBuckets,
          numHeads,
        ]);
      weights.set(`${layer(0)}.layer_norm.weight`, [dModel]);
      if (of === 'decoder') {
        attention(layer(1), 'EncDecAttention');
        weights.set(`${layer(1)}.layer_norm.weight`, [dModel]);
      }
      const last = layer(of === 'decoder' ? 2 : 1);
      for (const wi of config.feedForward === 'relu' ? ['wi'] : ['wi_0', 'wi_1'])
        weights.set(`${last}.DenseReluDense.${wi}.weight`, [dFf, dModel]);
      weights.set(`${last}.DenseReluDense.wo.weight`, [dModel, dFf]);
      weights.set(`${last}.layer_norm.weight`, [dModel]);
    }
    weights.set(`${of}.final_layer_norm.weight`, [dModel]);
  };
  stack('encoder', config.numEncoderLayers);
  stack('decoder', config.numDecoderLayers);
  return weights;
}

/**
 * Loads a T5 from a Hugging Face folder: `config.json`, `model.safetensors` (or shards with their index) and, where it
 * is there, `tokenizer.json`. F16 and BF16 weights are widened to float32. The caller disposes the model.
 *
 * Weights are read and handed to the backend one at a time, so that memory peaks little above the float32 weights.
 * `lm_head.weight` is used where the checkpoint holds one that is no copy of the embedding, whatever the config says,
 * as transformers 5 does.
 *
 * @param options.tokenizer used in place of the folder's own.
 * @throws ConfigError for a config that no T5 here has; CheckpointError for a file that is missing or damaged, or a
 * weight that is missing, of another shape or dtype, or unknown.
 */
export async function loadT5(folder: string, options: { readonly tokenizer?: Tokenizer } = {}): Promise<T5> {
  const config = parseT5Config(
    await readJson(path.join(folder, 'config.json')),
    path.join(folder, 'config.json'),
  );
  const tokenizerFile = path.join(folder, 'tokenizer.json');
  const tokenizer =
    options.tokenizer ?? (existsSync(tokenizerFile) ? await loadTokenizer(tokenizerFile) : undefined);
  if (tokenizer !== undefined && tokenizer.vocabulary > config.vocabulary)
    throw new CheckpointError(
      `${folder}: the tokenizer must not know more ids than vocab_size ${config.vocabulary}; it knows ${tokenizer.vocabulary}`,
    );
  const files = await openWeightFiles(folder);
  const weights = new Map<WeightName, tf.Tensor>();
  try {
    const stored = await plan(folder, config, files);
    for (const [name, { file, storedName, shape }] of stored)
      weights.set(name, await loadTensor(file, storedName, shape));
  } catch (error) {
    tf.dispose([...weights.values()]);
    throw error;
  } finally {
    for (const file of files) await file.close();
  }
  return t5(config, weights, tokenizer);
}

/**
 * Writes `config.json` and `model.safetensors`, which transformers loads as the same model. The folder is made where
 * it is missing. Throws CheckpointError where the file system refuses.
 */
export async function saveT5(
  model: T5,
  folder: string,
  options: { readonly dtype?: FloatDtype } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new CheckpointError(`${folder}: cannot be made: ${writeFailure(error)}`, { cause: error });
  });
  await writeSafetensors(path.join(folder, ONE_FILE), Object.fromEntries(model.weights), {
    dtype: options.dtype ?? 'F32',
    // transformers refuses a file that does not say for which framework its tensors are laid out.
    metadata: { format: 'pt' },
  });
  await writeAtomically(path.join(folder, 'config.json'), (handle) =>
    handle.writeFile(`${JSON.stringify(t5ConfigJson(model.config), null, 2)}\n`),
  );
}

/**
 * A T5 with random weights, as transformers initialises one for pretraining (factor 1): normal with the standard
 * deviations below, layer norms 1. A model that does not scale its decoder's output gets an `lm_head.weight` of its own,
 * as T5 v1.1. The caller disposes it.
 *
 * Embeddings and lm_head 1; q (dModel dKv)^-0.5; k, v, the position bias and the feed-forward's inner maps dModel^-0.5;
 * o (numHeads dKv)^-0.5; wo dFf^-0.5.
 * Reference: transformers, `T5PreTrainedModel._init_weights`.
 */
export function initT5(config: T5Config, rng: Random): T5 {
  const { dModel, dKv, dFf, numHeads } = config;
  const deviation = (name: WeightName): number => {
    if (name === 'shared.weight' || name === 'lm_head.weight') return 1;
    if (name.endsWith('.q.weight')) return (dModel * dKv) ** -0.5;
    if (name.endsWith('.o.weight')) return (numHeads * dKv) ** -0.5;
    return (name.endsWith('.wo.weight') ? dFf : dModel) ** -0.5;
  };
  const shapes = new Map(expectedWeights(config));
  if (!config.scaleDecoderOutputs) shapes.set('lm_head.weight', [config.vocabulary, dModel]);
  const weights = new Map<WeightName, tf.Tensor>();
  for (const [name, shape] of shapes) {
    if (name.endsWith('layer_norm.weight')) weights.set(name, tf.ones([...shape]));
    else {
      const scale = deviation(name);
      const stream = rng.fork(name);
      const values = Float32Array.from(
        { length: tf.util.sizeFromShape([...shape]) },
        () => scale * stream.normal(),
      );
      weights.set(name, tf.tensor(values, [...shape], 'float32'));
    }
  }
  return t5(config, weights);
}

function t5(config: T5Config, weights: ReadonlyMap<WeightName, tf.Tensor>, tokenizer?: Tokenizer): T5 {
  return {
    config,
    weights,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    dispose: () => tf.dispose([...weights.values()]),
  };
}

/** One tensor, put together by the backend from pieces, so that no JavaScript array is as large as it. */
async function loadTensor(file: SafetensorsFile, name: string, shape: readonly number[]): Promise<tf.Tensor> {
  const pieces: tf.Tensor1D[] = [];
  try {
    for await (const values of file.readInPieces(name)) pieces.push(upload(values));
    return tf.tidy(() => tf.concat(pieces).reshape([...shape]));
  } finally {
    tf.dispose(pieces);
  }
}

/**
 * A tensor whose numbers the backend already holds. Without the slice, native backends keep the JavaScript array until
 * the tensor's first use, and all of them are then copied while the arrays still wait for garbage collection.
 */
function upload(values: Float32Array): tf.Tensor1D {
  const tensor = tf.tensor1d(values, 'float32');
  tf.dispose(tf.slice(tensor, 0, 1));
  return tensor;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CheckpointError(`${file}: cannot be read: ${(error as Error).message}`, { cause: error });
  });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CheckpointError(`${file}: must hold JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The checkpoint's open files; the caller closes them. As in transformers, one file goes before shards. */
async function openWeightFiles(folder: string): Promise<readonly SafetensorsFile[]> {
  const oneFile = path.join(folder, ONE_FILE);
  if (existsSync(oneFile)) return [await openSafetensors(oneFile)];
  const index = path.join(folder, INDEX);
  if (!existsSync(index))
    throw new CheckpointError(
      `${folder}: must hold ${ONE_FILE} or ${INDEX}; found neither${
        existsSync(path.join(folder, 'pytorch_model.bin'))
          ? ' (pytorch_model.bin is not read: save the model with transformers as safetensors)'
          : ''
      }`,
    );
  const shards = shardsOf(await readJson(index), index);
  const files: SafetensorsFile[] = [];
  try {
    for (const [shard, names] of shards) {
      const file = await openSafetensors(path.join(folder, shard));
      files.push(file);
      const absent = names.find((name) => !file.entries.has(name));
      if (absent !== undefined)
        throw new CheckpointError(`${file.file}: holds no tensor ${absent}, which ${INDEX} places there`);
    }
    return files;
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
}

/** Tensor names by shard file. */
function shardsOf(json: unknown, index: string): ReadonlyMap<string, readonly string[]> {
  const weightMap = (json as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof weightMap !== 'object' || weightMap === null)
    throw new CheckpointError(
      `${index}: weight_map must map tensors to files; found ${JSON.stringify(weightMap)}`,
    );
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || shard !== path.basename(shard))
      throw new CheckpointError(
        `${index}: ${name} must be in a file of the same folder; found ${JSON.stringify(shard)}`,
      );
    shards.set(shard, [...(shards.get(shard) ?? []), name]);
  }
  return shards;
}

type StoredTensor = {
  readonly file: SafetensorsFile;
  readonly storedName: string;
  readonly entry: SafetensorsEntry;
};

/** Where each weight of the model is stored, checked before any is read: names, shapes, dtypes, copies. */
async function plan(
  folder: string,
  config: T5Config,
  files: readonly SafetensorsFile[],
): Promise<ReadonlyMap<WeightName, StoredTensor & { readonly shape: readonly number[] }>> {
  const stored = new Map<string, StoredTensor>();
  for (const file of files)
    for (const [storedName, entry] of file.entries) {
      const other = stored.get(storedName);
      if (other !== undefined)
        throw new CheckpointError(`${file.file}: tensor ${storedName} is in ${other.file.file} too`);
      stored.set(storedName, { file, storedName, entry });
    }
  const result = new Map<WeightName, StoredTensor & { readonly shape: readonly number[] }>();
  const expect = (
    name: WeightName,
    found: StoredTensor | undefined,
    shape: readonly number[],
  ): StoredTensor => {
    if (found === undefined) throw new CheckpointError(`${folder}: tensor ${name} is missing`);
    const { file, storedName, entry } = found;
    if (entry.shape.length !== shape.length || entry.shape.some((n, axis) => n !== shape[axis]))
      throw new CheckpointError(
        `${file.file}: tensor ${storedName} must have shape [${shape.join(', ')}] by config.json; found [${entry.shape.join(', ')}]`,
      );
    if (entry.dtype !== 'F32' && entry.dtype !== 'F16' && entry.dtype !== 'BF16')
      throw new CheckpointError(
        `${file.file}: tensor ${storedName} must be F32, F16 or BF16; found ${entry.dtype}`,
      );
    result.set(name, { ...found, shape });
    return found;
  };

  const copies = embeddingCopies.flatMap((name) => stored.get(name) ?? []);
  const shape = [config.vocabulary, config.dModel];
  const shared = expect('shared.weight', stored.get('shared.weight') ?? copies[0], shape);
  for (const [name, weightShape] of expectedWeights(config))
    if (name !== 'shared.weight') expect(name, stored.get(name), weightShape);
  const head = stored.get('lm_head.weight');
  if (head !== undefined) {
    expect('lm_head.weight', head, shape);
    if (await sameNumbers(head, shared)) result.delete('lm_head.weight');
  }
  const known = new Set<string>([...result.keys(), 'lm_head.weight', ...embeddingCopies, ...unusedWeights]);
  for (const [name, { file }] of stored)
    if (!known.has(name)) throw new CheckpointError(`${file.file}: tensor ${name} is no weight of this T5`);
  for (const copy of copies)
    if (copy !== shared && !(await sameNumbers(copy, shared)))
      throw new CheckpointError(
        `${copy.file.file}: ${copy.storedName} must equal ${shared.storedName}; a T5 with embeddings apart is not read`,
      );
  return result;
}

/** Whether two tensors are stored bit for bit alike, compared piece by piece. */
async function sameNumbers(a: StoredTensor, b: StoredTensor): Promise<boolean> {
  if (a.entry.dtype !== b.entry.dtype || a.entry.end - a.entry.begin !== b.entry.end - b.entry.begin)
    return false;
  const others = b.file.pieces(b.storedName);
  for await (const piece of a.file.pieces(a.storedName)) {
    const other = await others.next();
    if (other.done === true || Buffer.compare(piece, other.value) !== 0) return false;
  }
  return true;
}
