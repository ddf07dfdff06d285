import { ConfigError } from '../errors';
import { adapter } from './adapter';
import { bitFit } from './bitFit';
import { compacter } from './compacter';
import { dept } from './dept';
import { fineTuning } from './fineTuning';
import { ia3 } from './ia3';
import { lora } from './lora';
import type { TuningMethod } from './method';
import { prefixTuning } from './prefixTuning';
import { promptTuning } from './promptTuning';
import { residualPromptTuning } from './residualPromptTuning';
import { scaledPromptTuning } from './scaledPromptTuning';
import { unipelt } from './unipelt';

/** Every tuning method; contract tests, the command line and configs find them here. */
export const methods: readonly TuningMethod[] = [
  fineTuning,
  promptTuning,
  scaledPromptTuning,
  prefixTuning,
  adapter,
  lora,
  compacter,
  ia3,
  unipelt,
  bitFit,
  residualPromptTuning,
  dept,
];

/** A method by name. Throws ConfigError listing the known ones. */
export function methodNamed(name: string): TuningMethod {
  const method = methods.find((m) => m.name === name);
  if (method === undefined)
    throw new ConfigError(`method: must be one of ${methods.map((m) => m.name).join(', ')}; found '${name}'`);
  return method;
}
