import { ConfigError } from '../../errors';
import type { Scaling } from './scaling';
import { tokenWise } from './tokenWise';

/** Every scaling variant by its name in configs. */
export const scalings: Readonly<Record<string, Scaling>> = Object.fromEntries(
  [tokenWise].map((scaling) => [scaling.name, scaling]),
);

/** A scaling variant by name. Throws ConfigError listing the known ones. */
export function scalingNamed(name: string): Scaling {
  const scaling = scalings[name];
  if (scaling === undefined)
    throw new ConfigError(`scaling: must be one of ${Object.keys(scalings).join(', ')}; found '${name}'`);
  return scaling;
}
