import { ConfigError } from '../../errors';
import type { T5Config } from '../../model/config';
import type { T5 } from '../../model/t5';
import { methodNamed } from '..';
import type { Params } from '../method';
import { ia3Format } from './ia3';
import { loraFormat } from './lora';
import type { PeftFormat } from './peftFormat';
import { prefixTuningFormat } from './prefixTuning';
import { promptTuningFormat } from './promptTuning';

/** Every method that Hugging Face PEFT has too. */
export const peftFormats: readonly PeftFormat[] = [
  promptTuningFormat as PeftFormat,
  prefixTuningFormat as PeftFormat,
  loraFormat as PeftFormat,
  ia3Format as PeftFormat,
];

/** A run in the form that peft has. */
export type PeftForm = { readonly format: PeftFormat; readonly config: object; readonly params: Params };

/**
 * One run in the form that peft has: itself, or what it folds into (a scaled prompt's plain one). The parameters are the
 * caller's, or, folded, new ones that the caller owns.
 * @throws ConfigError for a method that peft lacks, or a scaling that does not fold.
 */
export function peftForm(shape: T5Config, config: { readonly method: string }, params: Params): PeftForm {
  const method = methodNamed(config.method);
  const formatOf = (name: string): PeftFormat | undefined =>
    peftFormats.find((format) => format.method.name === name);
  const own = formatOf(method.name);
  if (own !== undefined) return { format: own, config, params };
  const folded = method.fold?.(withoutWeights(shape), config, params);
  const format = folded === undefined ? undefined : formatOf(folded.method.name);
  if (folded === undefined || format === undefined) {
    const known = peftFormats.map((one) => one.method.name).join(', ');
    throw new ConfigError(
      `${method.name}: peft has no such method, nor does a run fold into one of ${known}`,
    );
  }
  return { format, config: folded.config, params: folded.params };
}

/** What a prompt folds with: it asks for the model's shape alone. */
function withoutWeights(config: T5Config): T5 {
  return { config, weights: new Map(), dispose: () => undefined };
}
