import { CheckpointError } from '../errors';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { norms, type Vectors } from './vectors';

/** A token of the vocabulary and how near a vector it points. */
export type NearToken = { readonly id: number; readonly cosine: number };

/** Prompt vectors compared with the vocabulary at a time, so that memory stays bounded. */
const ROWS = 64;

/**
 * The tokens whose embeddings have the greatest cosine to each vector, nearest first. A zero vector's cosines are 0.
 * Reference: Lester et al. 2021 (arXiv 2104.08691), section 7. Near tokens can be arbitrary text (arXiv 2112.08348).
 */
export async function nearestTokens(model: T5, vectors: Vectors, count: number): Promise<NearToken[][]> {
  const table = model.weights.get('shared.weight') as tf.Tensor2D | undefined;
  if (table === undefined) throw new CheckpointError('nearestTokens: the model has no weight shared.weight');
  const lengths = norms(vectors);
  const found: NearToken[][] = [];
  for (let start = 0; start < vectors.length; start += ROWS) {
    const part = vectors.slice(start, start + ROWS);
    const { values, indices } = tf.tidy(() => {
      const rows = tf.tensor2d(
        part.flatMap((vector) => Array.from(vector)),
        [part.length, table.shape[1]],
      );
      const lengths = tf.maximum(tf.norm(table, 2, 1), 1e-12);
      const cosines = tf.div(tf.matMul(rows, table, false, true), lengths);
      return tf.topk(cosines, Math.min(count, table.shape[0]));
    });
    const [products, ids] = [await values.array(), await indices.array()] as [number[][], number[][]];
    tf.dispose([values, indices]);
    products.forEach((row, i) => {
      const length = Math.max(lengths[start + i] as number, 1e-12);
      found.push(row.map((value, place) => ({ id: ids[i]?.[place] as number, cosine: value / length })));
    });
  }
  return found;
}
