import type { tf } from '../../tensor/backend';
import { embeddedText, type EmbeddedTextInit } from './embeddedText';
import { fromPrompt, type FromPromptInit } from './fromPrompt';
import type { PromptInitContext } from './promptInit';
import { sampledVocabulary, type SampledVocabularyInit } from './sampledVocabulary';
import { uniform, type UniformInit } from './uniform';

/** How a prompt's initial values are made, by `kind`. */
export type PromptInitConfig = UniformInit | SampledVocabularyInit | EmbeddedTextInit | FromPromptInit;

/** A prompt's initial values, `[promptLength, dModel]`. The caller owns them. */
export async function initPrompt(context: PromptInitContext, config: PromptInitConfig): Promise<tf.Tensor2D> {
  switch (config.kind) {
    case 'uniform':
      return uniform(context, config);
    case 'sampledVocabulary':
      return sampledVocabulary(context, config);
    case 'embeddedText':
      return embeddedText(context, config);
    case 'fromPrompt':
      return fromPrompt(context, config);
  }
}
