import type { T5Config } from '../../src/model/config';
import { methods } from '../../src/tuning';
import { adapter } from '../../src/tuning/adapter';
import { compacter } from '../../src/tuning/compacter';
import { lora } from '../../src/tuning/lora';
import type { TuningMethod } from '../../src/tuning/method';
import { prefixTuning } from '../../src/tuning/prefixTuning';
import { promptTuning } from '../../src/tuning/promptTuning';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { scalings } from '../../src/tuning/scaling';
import { unipelt } from '../../src/tuning/unipelt';
import { tinyConfig } from './tinyT5';

/** The T5 variants that methods are held to: v1.0, v1.1, and a Flan of odd sizes whose stacks differ in depth. */
export const t5Shapes: Readonly<Record<string, T5Config>> = {
  'v1.0': { ...tinyConfig, feedForward: 'relu' },
  'v1.1': { ...tinyConfig, scaleDecoderOutputs: false },
  Flan: {
    ...tinyConfig,
    scaleDecoderOutputs: false,
    dModel: 20,
    dKv: 5,
    numHeads: 3,
    numEncoderLayers: 3,
    numDecoderLayers: 1,
  },
};

/** A method with a configuration. */
export type MethodCase = {
  readonly name: string;
  readonly method: TuningMethod;
  readonly config: object;
  /** One run can be had in a plainer form. */
  readonly folds: boolean;
};

/** Sizes for a tiny T5; other keys keep their defaults. */
const small: Readonly<Record<string, number>> = {
  length: 4,
  middle: 6,
  rank: 2,
  alpha: 3,
  reduction: 4,
  bottleneck: 8,
  maxLength: 5,
};

/** A method's defaults, with `changes`, in sizes for a tiny T5. */
export function smallConfig<Config extends object>(
  method: TuningMethod<Config>,
  changes: object = {},
): Config {
  const sizes = Object.entries(small).filter(([key]) => key in method.defaults);
  return { ...method.defaults, ...Object.fromEntries(sizes), ...changes };
}

function variant<Config extends object>(
  name: string,
  method: TuningMethod<Config>,
  changes: object,
  folds = method.fold !== undefined,
): MethodCase {
  const config = smallConfig(method, changes);
  return { name: `${method.name}: ${name}`, method: method as TuningMethod, config, folds };
}

/** Every method of the table by its defaults. */
export const methodCases: readonly MethodCase[] = methods.map((method) => ({
  name: method.name,
  method,
  config: smallConfig(method),
  folds: method.fold !== undefined,
}));

/** What methods can be besides. */
export const variantCases: readonly MethodCase[] = [
  variant('pfeiffer', adapter, { placement: 'pfeiffer', activation: 'gelu' }),
  variant('compacter++ of rank 2', compacter, { placement: 'compacter++', rank: 2, layerNorms: false }),
  variant("compacter++ as AdapterHub's", compacter, {
    placement: 'compacter++-residual',
    activation: 'gelu-erf',
    layerNorms: false,
  }),
  variant('all projections', lora, { targets: ['query', 'key', 'value', 'output'] }),
  variant('plain', prefixTuning, { reparametrised: false }),
  variant('in the decoder only', prefixTuning, { places: ['decoder'] }),
  variant('as earlier tokens', prefixTuning, { places: ['decoder', 'cross'], relativeBias: true }),
  variant('a plain prefix', unipelt, { reparametrised: false, activation: 'swish' }),
  variant("at the input's norm", promptTuning, { init: { kind: 'inputNorm', of: { kind: 'uniform' } } }),
  ...Object.values(scalings)
    .filter(({ name }) => name !== 'token-wise')
    .map(({ name, folds }) => variant(name, scaledPromptTuning, { scaling: name }, folds)),
];
