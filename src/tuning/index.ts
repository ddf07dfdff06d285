import { ConfigError } from '../errors';
import { fineTuning } from './fineTuning';
import type { TuningMethod } from './method';
import { promptTuning } from './promptTuning';
import { scaledPromptTuning } from './scaledPromptTuning';

/** Every tuning method; contract tests, the command line and configs find them here. */
export const methods: readonly TuningMethod[] = [fineTuning, promptTuning, scaledPromptTuning];

/** A method by name. Throws ConfigError listing the known ones. */
export function methodNamed(name: string): TuningMethod {
  const method = methods.find((m) => m.name === name);
  if (method === undefined)
    throw new ConfigError(`method: must be one of ${methods.map((m) => m.name).join(', ')}; found '${name}'`);
  return method;
}
