import { ConfigError } from '../../errors';
import type { PromptInit } from './promptInit';
import { embeddingRows } from './embeddingRows';

export type EmbeddedTextInit = { readonly kind: 'embeddedText'; readonly text: string };

/**
 * Embeddings of a text's tokens, repeated until the prompt is full (as in Hugging Face PEFT's `PromptTuningInit.TEXT`);
 * the end token is left out.
 */
export const embeddedText: PromptInit<EmbeddedTextInit> = ({ model, promptLength }, { text }) => {
  if (model.tokenizer === undefined)
    throw new ConfigError(
      'init embeddedText: the model must have a tokenizer; its folder has no tokenizer.json',
    );
  const ids = model.tokenizer.encode(text).filter((id) => id !== model.config.endTokenId);
  if (ids.length === 0)
    throw new ConfigError(`init embeddedText: text must hold at least one token; found '${text}'`);
  return embeddingRows(
    model,
    Array.from({ length: promptLength }, (_, i) => ids[i % ids.length] as number),
  );
};
