import { tf } from '../../tensor/backend';
import { CheckpointError } from '../../errors';
import type { T5 } from '../../model/t5';

/** The frozen input embeddings of some tokens: `[ids, dModel]`. */
export function embeddingRows(model: T5, ids: readonly number[]): tf.Tensor2D {
  const table = model.weights.get('shared.weight');
  if (table === undefined) throw new CheckpointError('the model has no weight shared.weight');
  return tf.tidy(() => tf.gather(table as tf.Tensor2D, tf.tensor1d([...ids], 'int32')));
}
