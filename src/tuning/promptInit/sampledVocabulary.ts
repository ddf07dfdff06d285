import { tf } from '../../tensor/backend';
import { ConfigError } from '../../errors';
import type { PromptInit } from './promptInit';
import { commonestTokens, embeddingRows } from './embeddingRows';

export type SampledVocabularyInit = { readonly kind: 'sampledVocabulary'; readonly commonest?: number };

/**
 * Embeddings of different tokens drawn from the `commonest` ones.
 * Reference: Lester et al. 2021 (arXiv 2104.08691), section 2.1, 5,000 tokens.
 */
export const sampledVocabulary: PromptInit<SampledVocabularyInit> = (
  { model, promptLength, rng },
  { commonest = 5000 },
) => {
  const candidates = commonestTokens(model, commonest);
  if (promptLength > candidates.length)
    throw new ConfigError(
      `init sampledVocabulary: promptLength must be at most the number of tokens drawn from; ${promptLength} > ${candidates.length}`,
    );
  const drawn = rng.shuffle(candidates).slice(0, promptLength);
  return tf.tidy(() => embeddingRows(model, drawn));
};
