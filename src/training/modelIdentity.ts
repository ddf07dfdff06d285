import type { T5Config } from '../model/config';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';

/** What a run's folder says of the model that it belongs to. */
export type ModelIdentity = { readonly config: T5Config; readonly embeddingStart: readonly number[] };

/** A model's shape, and the first numbers of its embeddings, which tell it from others of that shape. */
export async function modelIdentity(model: T5): Promise<ModelIdentity> {
  const embedding = model.weights.get('shared.weight') as tf.Tensor2D;
  const firstRow = tf.tidy(() => embedding.slice([0, 0], [1, -1]));
  const marks = [...(await firstRow.data())].slice(0, 4);
  firstRow.dispose();
  return { config: model.config, embeddingStart: marks };
}
