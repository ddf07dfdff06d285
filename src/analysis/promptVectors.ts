import { ConfigError } from '../errors';
import type { tf } from '../tensor/backend';
import type { Params } from '../tuning/method';
import { scalingOf } from '../tuning/scaling';
import { foldScaledPrompt } from '../tuning/scaling/foldScaledPrompt';
import type { Scaling } from '../tuning/scaling/scaling';
import { vectorsOf, type Vectors } from './vectors';

/** A run's prompt as its parameters hold it (P), and as the model reads it (s * P; without a scale, P again). */
export type PromptVectors = { readonly prompt: Vectors; readonly scaled: Vectors };

/**
 * The prompt of a trained run, `[promptLength, dModel]`, before and after its scale.
 *
 * @param config the run's method configuration; a key `scaling` names the variant.
 * @throws ConfigError for a method without a prompt, or a scale that depends on the input and so folds into no prompt.
 */
export async function promptVectors(
  config: { readonly method: string; readonly scaling?: string | Scaling },
  { prompt, ...scale }: Params,
): Promise<PromptVectors> {
  if (prompt === undefined) throw new ConfigError(`promptVectors: ${config.method} trains no prompt`);
  const vectors = await vectorsOf(prompt as tf.Tensor2D);
  if (config.scaling === undefined) return { prompt: vectors, scaled: vectors };
  const folded = foldScaledPrompt(scalingOf(config.scaling), { prompt, ...scale });
  const scaled = await vectorsOf(folded);
  folded.dispose();
  return { prompt: vectors, scaled };
}
