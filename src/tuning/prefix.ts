import type { T5Config } from '../model/config';
import { crossAttentionNames, selfAttentionNames } from '../model/layers';
import type { AttentionSite, KeyValuePrefix } from '../model/sites';
import { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';
import { linearValues, normalValues } from './initialValues';
import { parameter, type Params, type Shapes, type StackedParams } from './method';
import { namedLinear } from './runLinear';

/** Attentions that get prefixes: the encoder's, the decoder's self-attention, its cross-attention. */
export const prefixPlaces = ['encoder', 'decoder', 'cross'] as const;
export type PrefixPlace = (typeof prefixPlaces)[number];

export type PrefixOptions = {
  /** Prefix tokens, prefixLength. */
  readonly length: number;
  /** Train through embedding -> linear -> tanh -> linear; else keys and values themselves. */
  readonly reparametrised: boolean;
  /** Width inside the reparametrisation. */
  readonly middle: number;
  readonly places: readonly PrefixPlace[];
};

/** The attentions of a place, block by block. */
function attentionsOf(shape: T5Config, place: PrefixPlace): readonly AttentionSite[] {
  const count = place === 'encoder' ? shape.numEncoderLayers : shape.numDecoderLayers;
  return Array.from({ length: count }, (_, block) =>
    place === 'cross' ? crossAttentionNames(block).site : selfAttentionNames(place, block).site,
  );
}

/** Every attention that gets a prefix. */
export function prefixSites(shape: T5Config, places: readonly PrefixPlace[]): readonly AttentionSite[] {
  return places.flatMap((place) => attentionsOf(shape, place));
}

/** Shapes of a prefix's parameters. */
export function prefixShapes(shape: T5Config, options: PrefixOptions): Shapes {
  const { length, reparametrised, middle, places } = options;
  const { dModel, numHeads, dKv } = shape;
  const inner = numHeads * dKv;
  if (!reparametrised)
    return Object.fromEntries(
      prefixSites(shape, places).flatMap((site) => [
        [`${site}.key`, [length, inner]],
        [`${site}.value`, [length, inner]],
      ]),
    );
  return Object.assign(
    {},
    ...places.map((place) => {
      const out = attentionsOf(shape, place).length * 2 * inner;
      return {
        [`${place}.embedding`]: [length, dModel],
        [`${place}.first.weight`]: [middle, dModel],
        [`${place}.first.bias`]: [middle],
        [`${place}.second.weight`]: [out, middle],
        [`${place}.second.bias`]: [out],
      };
    }),
  ) as Shapes;
}

/** Embeddings standard normal and maps as PyTorch starts them; keys and values themselves normal, deviation 0.02. */
export function prefixValues(name: string, shape: readonly number[], rng: Random): tf.Tensor {
  if (name.endsWith('.embedding')) return normalValues(shape, 1, rng);
  if (name.endsWith('.weight')) return linearValues(shape, rng);
  return name.endsWith('.bias') ? tf.zeros([...shape]) : normalValues(shape, 0.02, rng);
}

/** Keys and values of a place's attentions as they lie in the reparametrisation's output: `[runs, length, inner]` each. */
function unfolded(params: StackedParams, place: PrefixPlace, parts: number): readonly tf.Tensor3D[] {
  const hidden = tf.tanh(namedLinear(params, `${place}.first`, parameter(params, `${place}.embedding`)));
  return tf.split(namedLinear(params, `${place}.second`, hidden as tf.Tensor3D), parts, 2);
}

/** A plain prefix's parameters, `[runs, length, numHeads x dKv]` each, out of a reparametrised one's. */
export function plainPrefix(shape: T5Config, options: PrefixOptions, params: StackedParams): StackedParams {
  if (!options.reparametrised) return params;
  return tf.tidy((): Params => {
    const entries = options.places.flatMap((place) => {
      const sites = attentionsOf(shape, place);
      const parts = unfolded(params, place, 2 * sites.length);
      return sites.flatMap((site, i) => [
        [`${site}.key`, parts[2 * i] as tf.Tensor] as const,
        [`${site}.value`, parts[2 * i + 1] as tf.Tensor] as const,
      ]);
    });
    return Object.fromEntries(entries);
  });
}

/** The prefix of every attention by its site, `[runs, numHeads, length, dKv]` each. */
export function prefixesOf(
  shape: T5Config,
  options: PrefixOptions,
  params: StackedParams,
): ReadonlyMap<AttentionSite, KeyValuePrefix> {
  const { numHeads, dKv } = shape;
  const byHead = (plain: tf.Tensor3D): tf.Tensor4D => {
    const [runs, length] = plain.shape;
    return plain.reshape([runs, length, numHeads, dKv]).transpose([0, 2, 1, 3]);
  };
  const prefixes = tf.tidy((): Record<string, KeyValuePrefix> => {
    const plain = plainPrefix(shape, options, params);
    return Object.fromEntries(
      prefixSites(shape, options.places).map((site) => [
        site,
        { key: byHead(parameter(plain, `${site}.key`)), value: byHead(parameter(plain, `${site}.value`)) },
      ]),
    );
  });
  return new Map(Object.entries(prefixes) as [AttentionSite, KeyValuePrefix][]);
}
