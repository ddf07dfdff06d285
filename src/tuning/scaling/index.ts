import { ConfigError } from '../../errors';
import { affine } from './affine';
import { dimensionWise } from './dimensionWise';
import { directionMagnitude } from './directionMagnitude';
import { elementWise } from './elementWise';
import { frozenPrompt } from './frozenPrompt';
import { frozenScale } from './frozenScale';
import { inputGated } from './inputGated';
import { layerNorm } from './layerNorm';
import { lowRank } from './lowRank';
import { none } from './none';
import { normMatched } from './normMatched';
import { normTarget } from './normTarget';
import { rmsNorm } from './rmsNorm';
import { scalar } from './scalar';
import type { Scaling, ScalingDefinition } from './scaling';
import { softplusBounded } from './softplusBounded';
import { tanhBounded } from './tanhBounded';
import { tokenRates } from './tokenRates';
import { tokenWise } from './tokenWise';

const definitions: readonly ScalingDefinition[] = [
  none,
  scalar,
  tokenWise,
  dimensionWise,
  elementWise,
  lowRank,
  affine,
  layerNorm,
  rmsNorm,
  normMatched,
  normTarget,
  inputGated,
  tanhBounded,
  softplusBounded,
  directionMagnitude,
  frozenScale,
  frozenPrompt,
  tokenRates,
];

/** Every scaling variant of the library by its name in configs. */
export const scalings: Readonly<Record<string, Scaling>> = Object.fromEntries(
  definitions.map((definition) => [
    definition.name,
    { ...definition, toJSON: (): string => definition.name },
  ]),
);

/** A scaling variant by name. Throws ConfigError listing the known ones. */
export function scalingNamed(name: string): Scaling {
  const scaling = scalings[name];
  if (scaling !== undefined) return scaling;
  const own = name.includes('@')
    ? ' (it was defined outside of the library: give it in the configuration)'
    : '';
  throw new ConfigError(`scaling: must be one of ${Object.keys(scalings).join(', ')}; found '${name}'${own}`);
}

/** What a configuration means: a variant's name, or a variant itself. */
export function scalingOf(scaling: string | Scaling): Scaling {
  return typeof scaling === 'string' ? scalingNamed(scaling) : scaling;
}
