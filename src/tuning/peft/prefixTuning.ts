import { z } from 'zod';
import { ConfigError } from '../../errors';
import type { T5Config } from '../../model/config';
import { tf } from '../../tensor/backend';
import { parameter, type Params } from '../method';
import { plainPrefix, prefixSites } from '../prefix';
import { prefixTuning, type PrefixTuningConfig } from '../prefixTuning';
import { stackParams } from '../stack';
import type { PeftFormat } from './peftFormat';

const schema = z.object({
  num_virtual_tokens: z.int().min(1),
  num_layers: z.int().min(1),
  num_transformer_submodules: z.literal(2).nullish(),
});

/** A prefix has a key and a value. */
const PAIR = 2;

/** Which of the file's prefixes peft gives to a block: it doubles their list and deals out two to each. */
function storedIndex(block: number, stored: number): number {
  return (2 * block) % stored;
}

function innerWidth({ numHeads, dKv }: T5Config): number {
  return numHeads * dKv;
}

/**
 * `prompt_embeddings` `[num_virtual_tokens, num_layers x 2 x numHeads x dKv]`: keys and values of prefixes side by side,
 * for the decoder's self-attentions. On T5 peft gives block j the prefix 2 j modulo num_layers, so the file has twice as
 * many as blocks, every other one zero.
 */
export const prefixTuningFormat: PeftFormat<PrefixTuningConfig> = {
  method: prefixTuning,
  type: 'PREFIX_TUNING',
  // A projection is stored by what it gives.
  idle: ['encoder_hidden_size', 'init_weights', 'num_attention_heads', 'prefix_projection', 'token_dim'],
  schema,
  settings: (shape, { length, places, relativeBias }) => {
    if (!relativeBias || places.some((place) => place !== 'decoder'))
      throw new ConfigError(
        `prefix-tuning: peft has it at places decoder with relativeBias true only; found places ${places.join(', ')}, relativeBias ${relativeBias}`,
      );
    return {
      encoder_hidden_size: shape.dModel,
      init_weights: null,
      num_attention_heads: shape.numHeads,
      num_layers: 2 * shape.numDecoderLayers,
      num_transformer_submodules: 2,
      num_virtual_tokens: length,
      prefix_projection: false,
      token_dim: innerWidth(shape),
    };
  },
  config: (settings) => ({
    ...prefixTuning.defaults,
    length: schema.parse(settings).num_virtual_tokens,
    reparametrised: false,
    places: ['decoder'],
    relativeBias: true,
  }),
  shapes: (shape, settings) => {
    const { num_virtual_tokens: length, num_layers: stored } = schema.parse(settings);
    return { prompt_embeddings: [length, stored * PAIR * innerWidth(shape)] };
  },
  write: (shape, config, params) => {
    const plain = plainPrefix(shape, config, stackParams([params]));
    const pairs = prefixSites(shape, ['decoder']).flatMap((site) => {
      const [key, value] = [`${site}.key`, `${site}.value`].map((name) =>
        parameter<tf.Tensor3D>(plain, name).squeeze<tf.Tensor2D>([0]),
      ) as [tf.Tensor2D, tf.Tensor2D];
      return [key, value, tf.zerosLike(key), tf.zerosLike(value)];
    });
    return { prompt_embeddings: tf.concat(pairs, 1) };
  },
  read: (shape, settings, tensors): Params => {
    const { num_layers: stored } = schema.parse(settings);
    const parts = tf.split(parameter<tf.Tensor2D>(tensors, 'prompt_embeddings'), stored * PAIR, 1);
    return Object.fromEntries(
      prefixSites(shape, ['decoder']).flatMap((site, block) => {
        const first = PAIR * storedIndex(block, stored);
        return [
          [`${site}.key`, parts[first] as tf.Tensor2D],
          [`${site}.value`, parts[first + 1] as tf.Tensor2D],
        ];
      }),
    );
  },
};
