import type { T5Config } from './config';
import type { AttentionSite, Stack } from './sites';

/** `layer.N` of a block holds its self-attention, cross-attention (decoder) and feed-forward, in this order. */
export function layerName(
  stack: Stack,
  block: number,
  layer: 'self' | 'cross' | 'feedForward',
): `${Stack}.block.${number}.layer.${number}` {
  const index = layer === 'self' ? 0 : layer === 'cross' ? 1 : stack === 'encoder' ? 1 : 2;
  return `${stack}.block.${block}.layer.${index}`;
}

/** Where an attention stands, and what its weights' names begin with. */
export type AttentionNames = {
  readonly site: AttentionSite;
  readonly weights: `${Stack}.block.${number}.layer.${number}.${string}`;
};

export function selfAttentionNames(stack: Stack, block: number): AttentionNames {
  return {
    site: `${stack}.${block}.selfAttention`,
    weights: `${layerName(stack, block, 'self')}.SelfAttention`,
  };
}

export function crossAttentionNames(block: number): AttentionNames {
  return {
    site: `decoder.${block}.crossAttention`,
    weights: `${layerName('decoder', block, 'cross')}.EncDecAttention`,
  };
}

/** Where a feed-forward stands, and what its weights' names begin with. */
export type FeedForwardNames = {
  readonly site: `${Stack}.${number}.feedForward`;
  readonly weights: `${Stack}.block.${number}.layer.${number}.${string}`;
};

export function feedForwardNames(stack: Stack, block: number): FeedForwardNames {
  return {
    site: `${stack}.${block}.feedForward`,
    weights: `${layerName(stack, block, 'feedForward')}.DenseReluDense`,
  };
}

/** The blocks of both stacks, the encoder's first. */
export function blocks(config: T5Config): readonly { readonly stack: Stack; readonly block: number }[] {
  const of = (stack: Stack, count: number): { stack: Stack; block: number }[] =>
    Array.from({ length: count }, (_, block) => ({ stack, block }));
  return [...of('encoder', config.numEncoderLayers), ...of('decoder', config.numDecoderLayers)];
}

/** Every attention of a model: the encoder's, then each decoder block's self- and cross-attention. */
export function attentions(config: T5Config): readonly AttentionNames[] {
  return blocks(config).flatMap(({ stack, block }) => [
    selfAttentionNames(stack, block),
    ...(stack === 'decoder' ? [crossAttentionNames(block)] : []),
  ]);
}

/** Every feed-forward of a model, the encoder's first. */
export function feedForwards(config: T5Config): readonly FeedForwardNames[] {
  return blocks(config).map(({ stack, block }) => feedForwardNames(stack, block));
}
