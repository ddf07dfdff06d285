import { promptVectors } from '../analysis/promptVectors';
import { sampleRows } from '../analysis/sampleRows';
import { type Vectors, vectorsOf } from '../analysis/vectors';
import { CheckpointError } from '../errors';
import type { Tuning } from '../model/sites';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { methodNamed } from '../tuning';
import type { Params } from '../tuning/method';
import type { Scaling } from '../tuning/scaling/scaling';
import { stackParams } from '../tuning/stack';

/** A method's configuration as a run keeps it. */
type MethodConfig = { readonly method: string; readonly scaling?: string | Scaling };

/** Ids 0 to 2 are padding, end and unknown in every T5 tokenizer. */
const FIRST_PIECE = 3;

/** Random tokens of the vocabulary with their embeddings, each once. */
export async function vocabularySample(
  model: T5,
  count: number,
  seed: number,
): Promise<readonly { readonly id: number; readonly vector: Float32Array }[]> {
  const table = model.weights.get('shared.weight') as tf.Tensor2D | undefined;
  if (table === undefined)
    throw new CheckpointError('vocabularySample: the model has no weight shared.weight');
  const rng = random(seed).fork('vocabulary');
  const ids = sampleRows(table.shape[0] - FIRST_PIECE, count, rng).map((row) => row + FIRST_PIECE);
  const rows = tf.tidy(() => tf.gather(table, tf.tensor1d(ids, 'int32')));
  const vectors = await vectorsOf(rows);
  rows.dispose();
  return ids.map((id, i) => ({ id, vector: vectors[i] as Float32Array }));
}

/** The prompt that a run began with: its method's, of its seed. */
export async function untrainedVectors(model: T5, config: MethodConfig, seed: number): Promise<Vectors> {
  const params = await methodNamed(config.method).init(model, config, random(seed).fork('init'));
  try {
    return (await promptVectors(config, params)).scaled;
  } finally {
    tf.dispose(params);
  }
}

/** What the model reads with the scale, or without: Prompt-Tuning with the same P. The caller disposes of `stacked`. */
export function partTuning(
  model: T5,
  config: MethodConfig,
  params: Params,
  part: 'prompt' | 'scaled',
): { readonly tuning: Tuning; readonly stacked: Params } {
  const own = part === 'scaled' ? params : { prompt: params['prompt'] as tf.Tensor };
  const method = part === 'scaled' ? config : { ...config, method: 'prompt-tuning' };
  const stacked = stackParams([own]);
  return { tuning: methodNamed(method.method).apply(model, method, stacked), stacked };
}
