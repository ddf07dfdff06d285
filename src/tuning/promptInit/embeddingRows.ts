import { tf } from '../../tensor/backend';
import { CheckpointError } from '../../errors';
import type { T5 } from '../../model/t5';

/** Ids 0 to 2 are padding, end and unknown in every T5 tokenizer. */
const FIRST_PIECE = 3;

/** Ids of the commonest tokens, at most `count` (a Unigram vocabulary lists pieces by falling frequency). */
export function commonestTokens(model: T5, count: number): readonly number[] {
  const pieces = model.tokenizer?.vocabulary ?? model.config.vocabulary;
  return Array.from({ length: Math.min(count, pieces - FIRST_PIECE) }, (_, i) => i + FIRST_PIECE);
}

/** The frozen input embeddings of some tokens: `[ids, dModel]`. */
export function embeddingRows(model: T5, ids: readonly number[]): tf.Tensor2D {
  const table = model.weights.get('shared.weight');
  if (table === undefined) throw new CheckpointError('the model has no weight shared.weight');
  return tf.tidy(() => tf.gather(table as tf.Tensor2D, tf.tensor1d([...ids], 'int32')));
}
