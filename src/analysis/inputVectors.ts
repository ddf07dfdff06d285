import { CheckpointError, ShapeError } from '../errors';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { vectorsOf, type Vectors } from './vectors';

/**
 * The frozen input embeddings of encoded texts as the encoder reads them, one vector a token, in the order of the texts;
 * a token that stands twice counts twice.
 * @throws ShapeError for texts without tokens.
 */
export async function inputVectors(model: T5, texts: readonly (readonly number[])[]): Promise<Vectors> {
  const table = model.weights.get('shared.weight');
  if (table === undefined) throw new CheckpointError('inputVectors: the model has no weight shared.weight');
  const ids = texts.flat();
  if (ids.length === 0)
    throw new ShapeError(`inputVectors: texts must hold tokens; found ${texts.length} empty ones`);
  const rows = tf.tidy(() => tf.gather(table as tf.Tensor2D, tf.tensor1d(ids, 'int32')));
  const vectors = await vectorsOf(rows);
  rows.dispose();
  return vectors;
}
