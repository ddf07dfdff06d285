import { z } from 'zod';
import { ConfigError } from '../errors';
import type { T5Config } from '../model/config';
import { tf } from '../tensor/backend';
import { initialParams } from './initialValues';
import type { Params, Shapes, TuningMethod } from './method';
import {
  plainPrefix,
  prefixesOf,
  type PrefixOptions,
  prefixPlaces,
  prefixShapes,
  prefixValues,
} from './prefix';
import { stackParams } from './stack';

export type PrefixTuningConfig = PrefixOptions & {
  readonly method: 'prefix-tuning';
  /** The decoder's prefix keys get T5's relative position bias, as tokens before the first; else none of them gets any. */
  readonly relativeBias: boolean;
};

function shapes(shape: T5Config, config: PrefixTuningConfig): Shapes {
  if (config.relativeBias && !config.places.includes('decoder'))
    throw new ConfigError(
      `prefix-tuning: relativeBias needs the decoder among places; found ${config.places.join(', ')}`,
    );
  return prefixShapes(shape, config);
}

/**
 * Prefix-Tuning: trained keys and values `[prefixLength, numHeads x dKv]` before those of every attention: the encoder's,
 * the decoder's and the cross-attention. While training they come, for each of the three, from one embedding
 * `[prefixLength, dModel]` -> linear `[middle]` -> tanh -> linear to all blocks' keys and values.
 *
 * Folds into the keys and values themselves, the same method with `reparametrised: false`.
 *
 * Prefix keys carry no relative position bias, and the sequence's own keep theirs. AdapterHub 1.3.0, equal otherwise,
 * computes the bias for as many keys as there are with the prefix, so that each key stands prefixLength further from its
 * query than it does; this is not followed. In Hugging Face PEFT a prefix stands in the decoder's self-attention only, as
 * earlier tokens of its cache: `places: ['decoder']` with `relativeBias: true`.
 *
 * Reference: Li and Liang 2021 (arXiv 2101.00190), sections 4.2 and 4.3.
 */
export const prefixTuning: TuningMethod<PrefixTuningConfig> = {
  name: 'prefix-tuning',
  defaults: {
    method: 'prefix-tuning',
    length: 30,
    reparametrised: true,
    middle: 512,
    places: prefixPlaces,
    relativeBias: false,
  },
  options: {
    length: z.int().min(1),
    reparametrised: z.boolean(),
    middle: z.int().min(1),
    places: z.array(z.enum(prefixPlaces)).min(1),
    relativeBias: z.boolean(),
  },
  startsAsIdentity: false,
  batchesRuns: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 2e-3, adafactor: 1e-3 }, steps: 600 },
  shapes,
  init: (model, config, rng) =>
    Promise.resolve(initialParams(shapes(model.config, config), rng, prefixValues)),
  apply: (model, config, params) => ({
    interventions: {},
    prefixes: Object.fromEntries(prefixesOf(model.config, config, params)),
    overrides: {},
    ...(config.relativeBias ? { earlierTokens: config.length } : {}),
  }),
  fold: (model, config, params) => ({
    method: prefixTuning as TuningMethod,
    config: { ...config, reparametrised: false },
    params: tf.tidy((): Params => {
      const plain = plainPrefix(model.config, config, stackParams([params]));
      return Object.fromEntries(
        Object.entries(plain).map(([name, value]) => [name, value.squeeze<tf.Tensor>([0])]),
      );
    }),
  }),
};
