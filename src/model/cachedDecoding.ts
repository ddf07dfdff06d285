import { ConfigError } from '../errors';
import { tf } from '../tensor/backend';
import { appendKeyValue, type KeyValue } from './attention';
import { crossAttentionNames, feedForwardNames, layerName, selfAttentionNames } from './layers';
import type { Activation, Site, WeightName, WeightsSite } from './sites';
import {
  at,
  attend,
  attendMemory,
  attentionPlaces,
  crossMemory,
  decoderOutput,
  feedForwardLayer,
  feedForwardPlaces,
  isBare,
  keysAndValues,
  norm,
  prefixOf,
  residual,
  stackBias,
  vocabularyTable,
  weight,
  type CrossMemory,
  type Pass,
} from './t5';
import {
  crossAttendToken,
  feedForwardToken,
  normToken,
  selfAttendToken,
  tokenNorm,
  tokenSelfAttention,
  type TokenNorm,
  type TokenSelfAttention,
} from './tokenLayers';

/** A block's cross-attention memory, and the folded weights of those of its layers that nothing acts on. */
type DecoderBlock = {
  readonly memory: CrossMemory;
  readonly self: TokenSelfAttention | undefined;
  readonly cross: TokenNorm | undefined;
  readonly feedForward: TokenNorm | undefined;
};

/** The state of cached decoding. All of it is owned; only `past`, keys and values so far by block, changes. */
export type DecoderState = {
  readonly blocks: DecoderBlock[];
  readonly final: TokenNorm | undefined;
  /** Position bias of the last token that there may be, `[1, numHeads, 1, length]`; those before it read its end. */
  readonly bias: tf.Tensor4D;
  readonly past: (KeyValue | undefined)[];
};

/** A layer's norm, folded; undefined where something acts at one of its sites or runs have norms of their own. */
function foldedNorm(
  of: Pass,
  name: WeightName,
  sites: readonly (Site | WeightsSite)[],
  factor?: number,
): TokenNorm | undefined {
  if (!isBare(of, name, sites)) return undefined;
  return tokenNorm(weight<tf.Tensor1D>(of, name).value, of.model.config.layerNormEpsilon, factor);
}

function startBlock(of: Pass, encoded: Activation, block: number): DecoderBlock {
  const normName = (layer: 'self' | 'cross' | 'feedForward'): WeightName =>
    `${layerName('decoder', block, layer)}.layer_norm.weight`;
  const { site, weights } = selfAttentionNames('decoder', block);
  const self = foldedNorm(of, normName('self'), attentionPlaces(site));
  const projections = (['q', 'k', 'v'] as const).map(
    (name) => weight<tf.Tensor2D>(of, `${weights}.${name}.weight`).value,
  );
  return {
    memory: crossMemory(of, encoded, block),
    self: self && tokenSelfAttention(self, projections),
    cross: foldedNorm(of, normName('cross'), attentionPlaces(crossAttentionNames(block).site)),
    feedForward: foldedNorm(
      of,
      normName('feedForward'),
      feedForwardPlaces(feedForwardNames('decoder', block).site),
    ),
  };
}

/** The state before the first of at most `length` tokens. */
export function startDecoding(of: Pass, encoded: Activation, length: number): DecoderState {
  if (of.tuning.interventions['decoder.embed'] !== undefined)
    throw new ConfigError(
      'cached decoding cannot run with an intervention at decoder.embed: it would act once a token',
    );
  const { numDecoderLayers, scaleDecoderOutputs, dModel } = of.model.config;
  const blocks = Array.from({ length: numDecoderLayers }, (_, block) => block);
  const factor = scaleDecoderOutputs ? dModel ** -0.5 : 1;
  const earlier = of.tuning.earlierTokens ?? 0;
  return tf.tidy(() => ({
    blocks: blocks.map((block) => startBlock(of, encoded, block)),
    final: foldedNorm(of, 'decoder.final_layer_norm.weight', ['decoder.final'], factor),
    bias: stackBias(of, 'decoder', 1, earlier + length, earlier + length - 1).bias,
    past: blocks.map((block) => prefixOf(of, `decoder.${block}.selfAttention`, encoded)),
  }));
}

/** One token a row `[rows, d]` as the layers for whole sequences take it. */
function asSequence(x: tf.Tensor2D): Activation {
  const [rows, d] = x.shape;
  return { values: x.reshape([rows, 1, d]), mask: tf.ones([rows, 1]) };
}

function asTokens({ values }: Activation): tf.Tensor2D {
  return values.reshape([values.shape[0], values.shape[2]]);
}

function selfAttention(
  of: Pass,
  block: number,
  x: tf.Tensor2D,
  past: KeyValue | undefined,
  folded: TokenSelfAttention | undefined,
  bias: tf.Tensor4D,
): { readonly output: tf.Tensor2D; readonly past: KeyValue } {
  const names = selfAttentionNames('decoder', block);
  if (folded !== undefined)
    return selfAttendToken(x, past, folded, weight<tf.Tensor2D>(of, `${names.weights}.o.weight`).value, bias);
  const stream = asSequence(x);
  const input = norm(of, `${layerName('decoder', block, 'self')}.layer_norm.weight`, stream);
  const all = appendKeyValue(past, keysAndValues(of, names, input));
  return { output: asTokens(residual(stream, attend(of, names, input, all, bias, false))), past: all };
}

function crossAttention(
  of: Pass,
  block: number,
  x: tf.Tensor2D,
  { memory, cross: folded }: DecoderBlock,
): tf.Tensor2D {
  if (folded === undefined) return asTokens(attendMemory(of, block, asSequence(x), memory));
  const named = (name: 'q' | 'o'): tf.Tensor2D =>
    weight<tf.Tensor2D>(of, `${crossAttentionNames(block).weights}.${name}.weight`).value;
  return crossAttendToken(x, memory, folded, named('q'), named('o'));
}

function feedForward(of: Pass, block: number, x: tf.Tensor2D, folded: TokenNorm | undefined): tf.Tensor2D {
  if (folded === undefined) return asTokens(feedForwardLayer(of, 'decoder', block, asSequence(x)));
  const named = (name: 'wi' | 'wi_0' | 'wi_1' | 'wo'): tf.Tensor2D =>
    weight<tf.Tensor2D>(of, `${feedForwardNames('decoder', block).weights}.${name}.weight`).value;
  const gated = of.model.config.feedForward === 'gated-gelu';
  return feedForwardToken(x, folded, gated ? [named('wi_0'), named('wi_1')] : [named('wi')], named('wo'));
}

function blockOutput(of: Pass, block: number, x: tf.Tensor2D): tf.Tensor2D {
  const site: Site = `decoder.${block}.output`;
  if (of.tuning.interventions[site] === undefined && !of.wanted.has(site)) return x;
  const stream = asSequence(x);
  return asTokens(at(of, site, stream, stream));
}

/**
 * One cached step: ids `[rows]` of token number `step`, from 0, -> next-token logits `[rows, vocabulary]` and new keys and
 * values. Rows may be several times the sources that decoding started with, a source's rows following one another.
 */
export function decodeStep(
  of: Pass,
  state: DecoderState,
  ids: tf.Tensor1D,
  step: number,
): { readonly logits: tf.Tensor2D; readonly past: KeyValue[] } {
  const [, numHeads, , length] = state.bias.shape;
  const keys = (of.tuning.earlierTokens ?? 0) + step + 1;
  const bias = tf.slice(state.bias, [0, 0, 0, length - keys], [1, numHeads, 1, keys]);
  let x = tf.gather(weight<tf.Tensor2D>(of, 'shared.weight').value, ids);
  const past = state.blocks.map((own, block) => {
    const attended = selfAttention(of, block, x, state.past[block], own.self, bias);
    x = feedForward(of, block, crossAttention(of, block, attended.output, own), own.feedForward);
    x = blockOutput(of, block, x);
    return attended.past;
  });
  const hidden =
    state.final === undefined
      ? (decoderOutput(of, asSequence(x)).squeeze([1]) as tf.Tensor2D)
      : normToken(x, state.final);
  return { logits: tf.matMul(hidden, vocabularyTable(of).value, false, true), past };
}
