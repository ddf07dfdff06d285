import { ConfigError } from '../errors';
import type { EncodedExample } from '../model/batch';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';

/** A text's ids as the model reads them, with one end token. Throws ConfigError for a model without a tokenizer. */
export function encodeText({ tokenizer, config }: T5, text: string): number[] {
  if (tokenizer === undefined)
    throw new ConfigError('model: must have a tokenizer; its folder has no tokenizer.json');
  const ids = tokenizer.encode(text);
  return ids.at(-1) === config.endTokenId ? ids : [...ids, config.endTokenId];
}

/** Source and target of each example. */
export function encodeExamples(model: T5, examples: readonly Example[]): EncodedExample[] {
  return examples.map(({ source, target }) => ({
    source: encodeText(model, source),
    target: encodeText(model, target),
  }));
}
