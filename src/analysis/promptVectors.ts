import { ConfigError } from '../errors';
import { tf } from '../tensor/backend';
import type { Params } from '../tuning/method';
import { scalingNamed } from '../tuning/scaling';
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
  config: { readonly method: string; readonly scaling?: unknown },
  { prompt, ...scale }: Params,
): Promise<PromptVectors> {
  if (prompt === undefined) throw new ConfigError(`promptVectors: ${config.method} trains no prompt`);
  const vectors = await vectorsOf(prompt as tf.Tensor2D);
  if (typeof config.scaling !== 'string') return { prompt: vectors, scaled: vectors };
  const scaling = scalingNamed(config.scaling);
  if (!scaling.folds)
    throw new ConfigError(
      `promptVectors: scaling ${scaling.name} depends on the input: it has no one scaled prompt`,
    );
  const folded = tf.tidy(() => {
    const runs = Object.fromEntries(
      Object.entries(scale).map(([name, value]) => [name, value.expandDims(0)]),
    );
    const unread = (): never => {
      throw new ConfigError(`scaling ${scaling.name}: says that it folds, but reads the input`);
    };
    return scaling.apply(prompt.expandDims(0), runs, unread).squeeze<tf.Tensor2D>([0]);
  });
  const scaled = await vectorsOf(folded);
  folded.dispose();
  return { prompt: vectors, scaled };
}
