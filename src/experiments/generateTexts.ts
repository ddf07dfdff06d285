import { type Tuning, untuned } from '../model/sites';
import type { T5 } from '../model/t5';
import { type GenerateOptions, generateSorted } from '../training/generateSorted';
import { encodeText } from './encodeText';

/** A generated text and its ids: no start token, no padding, the end token if it was produced. */
export type Generated = { readonly text: string; readonly ids: readonly number[] };

/** Generates a text for each source, in the order of the sources. Throws ConfigError for a model without a tokenizer. */
export async function generateTexts(
  model: T5,
  sources: readonly string[],
  options: GenerateOptions = {},
  tuning: Tuning = untuned,
): Promise<Generated[]> {
  const encoded = sources.map((source) => encodeText(model, source));
  const [generated = []] = await generateSorted(model, encoded, options, tuning);
  return generated.map((ids) => ({ text: model.tokenizer?.decode(ids) ?? '', ids }));
}
