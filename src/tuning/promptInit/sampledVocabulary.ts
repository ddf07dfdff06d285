import { tf } from '../../tensor/backend';
import { ConfigError } from '../../errors';
import type { PromptInit } from './promptInit';
import { embeddingRows } from './embeddingRows';

export type SampledVocabularyInit = { readonly kind: 'sampledVocabulary'; readonly commonest?: number };

/** Ids 0 to 2 are padding, end and unknown in every T5 tokenizer. */
const FIRST_PIECE = 3;

/**
 * Embeddings of different tokens drawn from the `commonest` ones (a Unigram vocabulary lists pieces by falling
 * frequency). Reference: Lester et al. 2021 (arXiv 2104.08691), section 2.1, 5,000 tokens.
 */
export const sampledVocabulary: PromptInit<SampledVocabularyInit> = (
  { model, promptLength, rng },
  { commonest = 5000 },
) => {
  const pieces = model.tokenizer?.vocabulary ?? model.config.vocabulary;
  const candidates = Math.min(commonest, pieces - FIRST_PIECE);
  if (promptLength > candidates)
    throw new ConfigError(
      `init sampledVocabulary: promptLength must be at most the number of tokens drawn from; ${promptLength} > ${candidates}`,
    );
  const drawn = rng
    .shuffle(Array.from({ length: candidates }, (_, i) => i + FIRST_PIECE))
    .slice(0, promptLength);
  return tf.tidy(() => embeddingRows(model, drawn));
};
