import { z } from 'zod';
import { withValues } from '../model/attention';
import type { T5Config } from '../model/config';
import type { Activation, Intervention, PrefixOfInput, Site } from '../model/sites';
import { tf } from '../tensor/backend';
import { repeatRuns } from '../tensor/rows';
import { activationNames, type ActivationName } from './activation';
import {
  blockSites,
  bottleneckShapes,
  bottleneckUpdate,
  bottleneckValues,
  bottleneckWidth,
} from './bottleneck';
import { initialParams, linearValues, normalValues } from './initialValues';
import { loraShapes, loraTargets, loraUpdate } from './lora';
import type { Shapes, StackedParams, TuningMethod } from './method';
import {
  prefixesOf,
  type PrefixOptions,
  prefixPlaces,
  prefixShapes,
  prefixSites,
  prefixValues,
} from './prefix';
import { namedLinear } from './runLinear';

export type UniPeltConfig = {
  readonly method: 'unipelt';
  /** Prefix tokens of every attention. */
  readonly length: number;
  /** Train the prefix through embedding -> linear -> tanh -> linear, `middle` wide inside. */
  readonly reparametrised: boolean;
  readonly middle: number;
  /** dModel over the width inside the adapters. */
  readonly reduction: number;
  readonly activation: ActivationName;
  /** r of LoRA, on queries and values. */
  readonly rank: number;
};

const loraProjections = ['query', 'value'] as const;

function prefixOptions({ length, reparametrised, middle }: UniPeltConfig): PrefixOptions {
  return { length, reparametrised, middle, places: prefixPlaces };
}

/** Everything that has a gate: prefixes by attention, LoRA by projection, adapters by block. */
function gatedSites(shape: T5Config): readonly string[] {
  return [
    ...prefixSites(shape, prefixPlaces),
    ...loraTargets(shape, loraProjections).map(({ site }) => site),
    ...blockSites(shape),
  ];
}

function unipeltShapes(shape: T5Config, config: UniPeltConfig): Shapes {
  const width = bottleneckWidth(shape, config.reduction);
  return Object.assign(
    {},
    prefixShapes(shape, prefixOptions(config)),
    loraShapes(shape, config.rank, loraProjections),
    ...blockSites(shape).map((site) => bottleneckShapes(site, shape.dModel, width)),
    ...gatedSites(shape).map((site) => ({
      [`${site}.gate.weight`]: [1, shape.dModel],
      [`${site}.gate.bias`]: [1],
    })),
  ) as Shapes;
}

function startOf(name: string, shape: readonly number[], rng: Parameters<typeof linearValues>[1]): tf.Tensor {
  if (name.endsWith('.gate.weight')) return normalValues(shape, 0.02, rng);
  if (name.endsWith('.gate.bias') || name.endsWith('.B')) return tf.zeros([...shape]);
  if (name.endsWith('.A')) return linearValues(shape, rng);
  return /\.(down|up)\./.test(name) ? bottleneckValues(name, shape, rng) : prefixValues(name, shape, rng);
}

/** sigmoid(w x + b) at every position: `[rows, length, 1]`. */
function positionGate(params: StackedParams, site: string, x: tf.Tensor3D): tf.Tensor3D {
  return tf.sigmoid(namedLinear(params, `${site}.gate`, x));
}

/** The mean of the positions' gates that the mask keeps: `[rows, 1, 1]`. */
function sequenceGate(params: StackedParams, site: string, { values, mask }: Activation): tf.Tensor3D {
  const kept = tf.mul(positionGate(params, site, values), mask.expandDims(-1));
  return tf.div(tf.sum(kept, 1, true), tf.sum(mask, 1, true).expandDims(-1));
}

/** A site that reads the source, all of which is known: the encoder's, and what cross-attention makes of its output. */
function readsSource(site: Site): boolean {
  return site.startsWith('encoder.') || site.endsWith('.crossAttention.value');
}

/**
 * UniPELT: Prefix-Tuning, LoRA (queries and values) and Pfeiffer adapters together, each module times a gate of its own,
 * sigmoid(w x + b) of what it reads, which takes alpha / r's place in LoRA.
 *
 * What a gate averages over: where a module reads the source (the encoder, and cross-attention's values), the gate is the
 * mean over the source's tokens, padding left out. In the decoder each position has its own gate: a mean over the target
 * would look at later tokens in training and have one token in cached decoding. A prefix is set before the first token, so
 * its gate reads the source everywhere: the attention's input in the encoder, the encoder's output in cross-attention and
 * in the decoder's self-attention. Cached decoding so equals training.
 *
 * Does not fold: gates depend on the input (the prefix's reparametrisation could be taken out).
 *
 * Reference: Mao et al. 2022 (arXiv 2110.07577), section 3.2. AdapterHub 1.3.0 differs in its gates, which average over
 * padding and over the target, while a prefix's in the decoder reads the decoder's states, and in the position bias beside
 * a prefix (see Prefix-Tuning). Where none of this matters (no padding, one target token, constant gates of the decoder's
 * prefixes, no bias) the numbers are equal.
 */
export const unipelt: TuningMethod<UniPeltConfig> = {
  name: 'unipelt',
  defaults: {
    method: 'unipelt',
    length: 10,
    reparametrised: true,
    middle: 512,
    reduction: 16,
    activation: 'relu',
    rank: 8,
  },
  options: {
    length: z.int().min(1),
    reparametrised: z.boolean(),
    middle: z.int().min(1),
    reduction: z.number().min(1),
    activation: z.enum(activationNames),
    rank: z.int().min(1),
  },
  startsAsIdentity: false,
  batchesRuns: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 2e-3, adafactor: 1e-3 }, steps: 600 },
  shapes: unipeltShapes,
  init: (model, config, rng) =>
    Promise.resolve(initialParams(unipeltShapes(model.config, config), rng, startOf)),
  apply: (model, config, params) => {
    const shape = model.config;
    const prefixes = prefixesOf(shape, prefixOptions(config), params);
    const gate = (site: Site, input: Activation): tf.Tensor3D =>
      readsSource(site) ? sequenceGate(params, site, input) : positionGate(params, site, input.values);
    const gated =
      (site: Site, update: (x: tf.Tensor3D) => tf.Tensor3D): Intervention =>
      (output, input) =>
        withValues(output, tf.add(output.values, tf.mul(update(input.values), gate(site, input))));
    const gatedPrefix =
      (
        site: string,
        { key, value }: { readonly key: tf.Tensor4D; readonly value: tf.Tensor4D },
      ): PrefixOfInput =>
      (input) => {
        const own = sequenceGate(params, site, input).expandDims(-1);
        const rows = input.values.shape[0];
        return { key: tf.mul(repeatRuns(key, rows), own), value: tf.mul(repeatRuns(value, rows), own) };
      };
    return {
      interventions: Object.fromEntries([
        ...loraTargets(shape, loraProjections).map(({ site }) => [
          site,
          gated(site, (x) => loraUpdate(params, site, x)),
        ]),
        // At the residual stream a site's input is its output.
        ...blockSites(shape).map((site) => [
          site,
          gated(site, (x) => bottleneckUpdate(params, site, config.activation, x)),
        ]),
      ]) as Readonly<Record<Site, Intervention>>,
      prefixes: Object.fromEntries([...prefixes].map(([site, prefix]) => [site, gatedPrefix(site, prefix)])),
      overrides: {},
      owned: [...prefixes.values()].flatMap(({ key, value }) => [key, value]),
    };
  },
};
