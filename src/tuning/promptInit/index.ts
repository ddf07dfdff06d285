import { z } from 'zod';
import { tf } from '../../tensor/backend';
import { embeddedText, type EmbeddedTextInit } from './embeddedText';
import { fromPrompt, type FromPromptInit } from './fromPrompt';
import { medianInputNorm } from './medianInputNorm';
import type { PromptInitContext } from './promptInit';
import { sampledVocabulary, type SampledVocabularyInit } from './sampledVocabulary';
import { uniform, type UniformInit } from './uniform';

export { medianInputNorm } from './medianInputNorm';

/**
 * Another start, each token of it brought to the input's norm: p_i becomes m p_i / ||p_i||, m the median norm of the
 * commonest tokens' input embeddings. A rival of scaling: if the right size at the start is what helps, this does as well.
 */
export type InputNormInit = { readonly kind: 'inputNorm'; readonly of: PromptInitConfig };

/** How a prompt's initial values are made, by `kind`. */
export type PromptInitConfig =
  UniformInit | SampledVocabularyInit | EmbeddedTextInit | FromPromptInit | InputNormInit;

const schema: z.ZodType<PromptInitConfig> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('uniform'), range: z.number().positive().optional() }),
  z.strictObject({ kind: z.literal('sampledVocabulary'), commonest: z.int().min(1).optional() }),
  z.strictObject({ kind: z.literal('embeddedText'), text: z.string() }),
  z.strictObject({ kind: z.literal('fromPrompt'), path: z.string() }),
  z.strictObject({ kind: z.literal('inputNorm'), of: z.lazy(() => promptInitOption) }),
]) as z.ZodType<PromptInitConfig>;

/** What the key `init` of a method's configuration must be; a kind that needs nothing else may stand alone. */
export const promptInitOption: z.ZodType<PromptInitConfig> = z.preprocess(
  (value) => (typeof value === 'string' ? { kind: value } : value),
  schema,
) as z.ZodType<PromptInitConfig>;

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
    case 'inputNorm': {
      const prompt = await initPrompt(context, config.of);
      const norm = await medianInputNorm(context.model);
      const matched = tf.tidy((): tf.Tensor2D => tf.mul(prompt, tf.div(norm, tf.norm(prompt, 2, 1, true))));
      prompt.dispose();
      return matched;
    }
  }
}
