import { ConfigError } from '../errors';
import type { Experiment } from './experiment';
import { gates } from './gates';
import { methodRates } from './methodRates';
import { methodTable } from './methodTable';
import { promptSearch } from './promptSearch';
import { promptVsScaled } from './promptVsScaled';

/** Every experiment by its name on the command line. */
export const sweeps: readonly Experiment[] = [gates, promptSearch, promptVsScaled, methodRates, methodTable];

/** An experiment by name. Throws ConfigError listing the known ones. */
export function sweepNamed(name: string): Experiment {
  const found = sweeps.find((experiment) => experiment.name === name);
  if (found === undefined)
    throw new ConfigError(
      `experiment: must be one of ${sweeps.map((one) => one.name).join(', ')}; found '${name}'`,
    );
  return found;
}
