import type { T5 } from '../../model/t5';
import { tf } from '../../tensor/backend';
import { commonestTokens, embeddingRows } from './embeddingRows';

/** Tokens whose norms are looked at: those that a prompt's initial values are drawn from by default. */
const COMMONEST = 5000;

/** Median Euclidean norm of the commonest tokens' frozen input embeddings: what an input's vectors measure. */
export async function medianInputNorm(model: T5): Promise<number> {
  const norms = tf.tidy(() => tf.norm(embeddingRows(model, commonestTokens(model, COMMONEST)), 2, 1));
  const sorted = (await norms.data()).slice().sort();
  norms.dispose();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
