import { z } from 'zod';
import { tf } from '../tensor/backend';
import { initialParams } from './initialValues';
import type { Params, TuningMethod } from './method';
import {
  plainPrefix,
  prefixesOf,
  type PrefixOptions,
  prefixPlaces,
  prefixShapes,
  prefixValues,
} from './prefix';
import { stackParams } from './stack';

export type PrefixTuningConfig = PrefixOptions & { readonly method: 'prefix-tuning' };

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
 * earlier tokens of its cache, which do get T5's bias: `places: ['decoder']` equals it where that bias is zero.
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
  },
  options: {
    length: z.int().min(1),
    reparametrised: z.boolean(),
    middle: z.int().min(1),
    places: z.array(z.enum(prefixPlaces)).min(1),
  },
  startsAsIdentity: false,
  batchesRuns: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 2e-3, adafactor: 1e-3 }, steps: 1000 },
  shapes: prefixShapes,
  init: (model, config, rng) =>
    Promise.resolve(initialParams(prefixShapes(model.config, config), rng, prefixValues)),
  apply: (model, config, params) => ({
    interventions: {},
    prefixes: Object.fromEntries(prefixesOf(model.config, config, params)),
    overrides: {},
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
