import { tf } from '../tensor/backend';
import {
  crossAttentionLayer,
  selfAttentionLayer,
  type AttentionLayerWeights,
} from '../tensor/attentionLayer';
import { gatedGeluLayer, reluLayer, type FeedForwardLayerOptions } from '../tensor/feedForwardLayer';
import { deriveAnew, type Derive, type LayerWeight } from '../tensor/fusedLayer';
import { attentionCore, attentionWeights, embedTokens, geluTanh, relu, rmsNorm } from '../tensor/fused';
import { rmsNormOfRuns } from '../tensor/rmsNormOfRuns';
import { CheckpointError, ConfigError } from '../errors';
import {
  appendKeyValue,
  causalBias,
  linear,
  maskBias,
  mergeHeads,
  padBias,
  prefixKeyValue,
  splitHeads,
  withValues,
  type KeyValue,
} from './attention';
import type { Seq2SeqBatch, TokenBatch } from './batch';
import type { T5Config } from './config';
import {
  crossAttentionNames,
  feedForwardNames,
  layerName,
  selfAttentionNames,
  type AttentionNames,
  type FeedForwardNames,
} from './layers';
import { positionBias } from './positionBias';
import {
  untuned,
  type Activation,
  type AttentionSite,
  type Site,
  type Stack,
  type Tuning,
  type WeightName,
  type WeightsSite,
} from './sites';
import type { Tokenizer } from './tokenizer';

/** A frozen T5. Weights keep Hugging Face's names and orientation (`[out, in]`), in float32. */
export type T5 = {
  readonly config: T5Config;
  readonly weights: ReadonlyMap<WeightName, tf.Tensor>;
  readonly tokenizer?: Tokenizer;
  /** What layers derive of the frozen weights, where it is kept (see `forManyPasses`). */
  readonly derived?: Map<string, tf.Tensor>;
  dispose(): void;
};

/**
 * The model for many passes: what its layers derive of frozen weights (projections stacked, the layer norm folded in) is made
 * once and kept until `release`, instead of in every pass.
 */
export function forManyPasses(model: T5): { readonly model: T5; release(): void } {
  const derived = new Map<string, tf.Tensor>();
  return { model: { ...model, derived }, release: () => tf.dispose([...derived.values()]) };
}

/** One forward pass: a frozen model, what a method does to it, and what an analysis wants to see. */
export type Pass = {
  readonly model: T5;
  readonly tuning: Tuning;
  /** Sites asked for by `capture`, and what was found there. */
  readonly wanted: ReadonlySet<Site | WeightsSite>;
  readonly seen: Map<Site | WeightsSite, tf.Tensor>;
};

/** A pass that captures nothing. */
export function pass(model: T5, tuning: Tuning = untuned): Pass {
  return { model, tuning, wanted: new Set(), seen: new Map() };
}

export function weight<T extends tf.Tensor>(
  of: Pass,
  name: WeightName,
): { readonly value: T; readonly trained: boolean } {
  const override = of.tuning.overrides[name];
  const value = override ?? of.model.weights.get(name);
  if (value === undefined) throw new CheckpointError(`the model has no weight ${name}`);
  return { value: value as T, trained: override !== undefined };
}

/** What leaves a site: the frozen layer's output, changed where the tuning intervenes. */
export function at(of: Pass, site: Site, output: Activation, input: Activation): Activation {
  const intervene = of.tuning.interventions[site];
  const result = intervene === undefined ? output : intervene(output, input);
  if (of.wanted.has(site)) of.seen.set(site, result.values);
  return result;
}

export function norm(of: Pass, name: WeightName, x: Activation): Activation {
  const { value, trained } = weight<tf.Tensor1D | tf.Tensor2D>(of, name);
  const { layerNormEpsilon } = of.model.config;
  if (value.rank === 2) return withValues(x, rmsNormOfRuns(x.values, value as tf.Tensor2D, layerNormEpsilon));
  return withValues(x, rmsNorm(x.values, value as tf.Tensor1D, layerNormEpsilon, trained));
}

function project(of: Pass, name: WeightName, x: Activation): Activation {
  return withValues(x, linear(x.values, weight<tf.Tensor2D>(of, name).value));
}

/** Keys and values of an attention from what it reads, `past` set before them. Mask: that of the keys made here. */
export function keysAndValues(
  of: Pass,
  names: AttentionNames,
  input: Activation,
): KeyValue & { readonly mask: tf.Tensor2D } {
  const { numHeads } = of.model.config;
  const key = at(of, `${names.site}.key`, project(of, `${names.weights}.k.weight`, input), input);
  const value = at(of, `${names.site}.value`, project(of, `${names.weights}.v.weight`, input), input);
  const byHead = ({ values }: Activation): tf.Tensor4D => splitHeads(values, values.shape[0], numHeads);
  return { key: byHead(key), value: byHead(value), mask: key.mask };
}

/** The prefix of an attention for every row, if the tuning sets one; one that depends on the rows reads `input`. */
export function prefixOf(of: Pass, site: AttentionSite, input: Activation): KeyValue | undefined {
  const prefix = of.tuning.prefixes[site];
  if (prefix === undefined) return undefined;
  return prefixKeyValue(typeof prefix === 'function' ? prefix(input) : prefix, input.values.shape[0]);
}

export function attend(
  of: Pass,
  names: AttentionNames,
  input: Activation,
  keyValue: KeyValue,
  bias: tf.Tensor4D,
  biasTrained: boolean,
): Activation {
  const query = at(of, `${names.site}.query`, project(of, `${names.weights}.q.weight`, input), input);
  const q = splitHeads(query.values, keyValue.key.shape[0], of.model.config.numHeads);
  const padded = padBias(bias, keyValue.key.shape[2] - bias.shape[3]);
  if (of.wanted.has(`${names.site}.weights`))
    of.seen.set(`${names.site}.weights`, attentionWeights(q, keyValue.key, padded));
  const merged = withValues(
    query,
    mergeHeads<tf.Tensor3D>(
      attentionCore(q, keyValue.key, keyValue.value, padded, biasTrained),
      query.values.shape,
    ),
  );
  return at(of, `${names.site}.output`, project(of, `${names.weights}.o.weight`, merged), merged);
}

function feedForward(of: Pass, stack: Stack, block: number, input: Activation): Activation {
  const { site, weights } = feedForwardNames(stack, block);
  const gated = of.model.config.feedForward === 'gated-gelu';
  const [rows, length] = input.values.shape;
  const into = (place: 'gate' | 'linear', name: 'wi' | 'wi_0' | 'wi_1'): tf.Tensor3D =>
    at(of, `${site}.${place}`, project(of, `${weights}.${name}.weight`, input), input).values;
  const activate = (x: tf.Tensor3D): tf.Tensor3D =>
    gated ? geluTanh(x.reshape([rows * length, x.shape[2]])).reshape(x.shape) : relu(x);
  const inner = gated
    ? tf.mul(activate(into('gate', 'wi_0')), into('linear', 'wi_1'))
    : activate(into('linear', 'wi'));
  const inside = at(of, `${site}.inner`, withValues(input, inner as tf.Tensor3D), input);
  return at(of, `${site}.output`, project(of, `${weights}.wo.weight`, inside), inside);
}

/** Nothing acts at these sites and nobody looks, and runs share the norm: the layer may run as a whole. */
export function isBare(of: Pass, normName: WeightName, sites: readonly (Site | WeightsSite)[]): boolean {
  return (
    weight(of, normName).value.rank === 1 &&
    sites.every((site) => !of.wanted.has(site) && of.tuning.interventions[site as Site] === undefined)
  );
}

/** Every place of an attention. */
export function attentionPlaces(site: AttentionSite): readonly (Site | WeightsSite)[] {
  return [`${site}.query`, `${site}.key`, `${site}.value`, `${site}.output`, `${site}.weights`];
}

/** Every place of a feed-forward. */
export function feedForwardPlaces(site: FeedForwardNames['site']): readonly Site[] {
  return [`${site}.gate`, `${site}.linear`, `${site}.inner`, `${site}.output`];
}

/** How a layer derives what it needs of its weights: once where the model keeps it and none of them is trained. */
function derive(
  { model: { derived } }: Pass,
  layer: string,
  weights: Readonly<Record<string, LayerWeight>>,
): Derive {
  if (derived === undefined || Object.values(weights).some(({ trained }) => trained)) return deriveAnew;
  return (name, make) => {
    const key = `${layer}.${name}`;
    const found = derived.get(key);
    if (found !== undefined) return found;
    const made = tf.keep(make());
    derived.set(key, made);
    return made;
  };
}

function attentionIsBare(of: Pass, { site }: AttentionNames, normName: WeightName): boolean {
  return of.tuning.prefixes[site] === undefined && isBare(of, normName, attentionPlaces(site));
}

function attentionWeightsOf(
  of: Pass,
  names: AttentionNames,
  norm: WeightName,
  bias: { readonly bias: tf.Tensor4D; readonly trained: boolean },
): AttentionLayerWeights {
  return {
    norm: weight(of, norm),
    q: weight(of, `${names.weights}.q.weight`),
    k: weight(of, `${names.weights}.k.weight`),
    v: weight(of, `${names.weights}.v.weight`),
    o: weight(of, `${names.weights}.o.weight`),
    bias: { value: bias.bias, trained: bias.trained },
  };
}

/**
 * A self-attention layer over a whole sequence with its norm and residual, as one fused layer where it is bare. A prefix
 * that depends on the rows reads `encoded` in the decoder, else the layer's own input.
 */
function selfAttention(
  of: Pass,
  stack: Stack,
  block: number,
  stream: Activation,
  bias: { readonly bias: tf.Tensor4D; readonly trained: boolean },
  encoded?: Activation,
): Activation {
  const names = selfAttentionNames(stack, block);
  const normName: WeightName = `${layerName(stack, block, 'self')}.layer_norm.weight`;
  const { numHeads, layerNormEpsilon: epsilon } = of.model.config;
  if (attentionIsBare(of, names, normName)) {
    const weights = attentionWeightsOf(of, names, normName, bias);
    const options = { numHeads, epsilon, derive: derive(of, normName, weights) };
    return withValues(stream, selfAttentionLayer(stream.values, weights, options));
  }
  const input = norm(of, normName, stream);
  const own = keysAndValues(of, names, input);
  const keyValue = appendKeyValue(prefixOf(of, names.site, encoded ?? input), own);
  return residual(stream, attend(of, names, input, keyValue, bias.bias, bias.trained));
}

/** A feed-forward layer with its norm and residual, as one fused layer where it is bare. */
export function feedForwardLayer(of: Pass, stack: Stack, block: number, stream: Activation): Activation {
  const { site, weights: names } = feedForwardNames(stack, block);
  const normName: WeightName = `${layerName(stack, block, 'feedForward')}.layer_norm.weight`;
  if (isBare(of, normName, feedForwardPlaces(site))) {
    const named = (name: string): LayerWeight => weight(of, `${names}.${name}.weight`);
    const common = { norm: weight(of, normName), wo: named('wo') };
    const { layerNormEpsilon: epsilon } = of.model.config;
    const options = (weights: Readonly<Record<string, LayerWeight>>): FeedForwardLayerOptions => ({
      epsilon,
      derive: derive(of, normName, weights),
    });
    if (of.model.config.feedForward === 'gated-gelu') {
      const weights = { ...common, wi0: named('wi_0'), wi1: named('wi_1') };
      return withValues(stream, gatedGeluLayer(stream.values, weights, options(weights)));
    }
    const weights = { ...common, wi: named('wi') };
    return withValues(stream, reluLayer(stream.values, weights, options(weights)));
  }
  return residual(stream, feedForward(of, stack, block, norm(of, normName, stream)));
}

export function residual(stream: Activation, output: Activation): Activation {
  return withValues(stream, tf.add(stream.values, output.values));
}

function embed(of: Pass, stack: Stack, tokens: Omit<TokenBatch, 'lengths'>): Activation {
  const { value, trained } = weight<tf.Tensor2D>(of, 'shared.weight');
  const embedded = { values: embedTokens(value, tokens.ids, trained), mask: tokens.mask };
  return at(of, `${stack}.embed`, embedded, embedded);
}

/** A stack's position bias; every block of the stack uses the first one's table. */
export function stackBias(
  of: Pass,
  stack: Stack,
  queries: number,
  keys: number,
  firstQuery = 0,
): { readonly bias: tf.Tensor4D; readonly trained: boolean } {
  const { value, trained } = weight<tf.Tensor2D>(
    of,
    `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
  );
  const options = {
    twoSided: stack === 'encoder',
    maxDistance: of.model.config.relativeAttentionMaxDistance,
    firstQuery,
  };
  return { bias: positionBias(value, queries, keys, options), trained };
}

/** Frees the stream within a block: no site shows it, a gradient keeps what it reads, and the tape would hold it to its end. */
function freeStream({ values }: Activation): void {
  values.dispose();
}

/** The encoder's output, after its last layer norm: `[rows, length after encoder.embed, dModel]`. */
export function encode(of: Pass, source: TokenBatch): Activation {
  let stream = embed(of, 'encoder', source);
  const length = stream.values.shape[1];
  const position = stackBias(of, 'encoder', length, length);
  const bias = tf.add(position.bias, maskBias(stream.mask)) as tf.Tensor4D;
  for (let block = 0; block < of.model.config.numEncoderLayers; block++) {
    const attended = selfAttention(of, 'encoder', block, stream, { bias, trained: position.trained });
    stream = feedForwardLayer(of, 'encoder', block, attended);
    freeStream(attended);
    stream = at(of, `encoder.${block}.output`, stream, stream);
  }
  return at(of, 'encoder.final', norm(of, 'encoder.final_layer_norm.weight', stream), stream);
}

/** One block's cross-attention keys and values with their mask's bias, computed once per encoded source. */
export type CrossMemory = KeyValue & { readonly bias: tf.Tensor4D };

/** What the decoder reads of the encoder's output, block by block. */
export function crossMemory(of: Pass, encoded: Activation, block: number): CrossMemory {
  const names = crossAttentionNames(block);
  const own = keysAndValues(of, names, encoded);
  const { key, value } = appendKeyValue(prefixOf(of, names.site, encoded), own);
  return { key, value, bias: maskBias(own.mask) };
}

/** The cross-attention layer over a memory that is already there, with its norm and residual. */
export function attendMemory(of: Pass, block: number, stream: Activation, memory: CrossMemory): Activation {
  const input = norm(of, `${layerName('decoder', block, 'cross')}.layer_norm.weight`, stream);
  return residual(stream, attend(of, crossAttentionNames(block), input, memory, memory.bias, false));
}

/** Whether nothing that is trained lies before the decoder's first cross-attention. */
function decoderStartsFrozen(
  of: Pass,
  bias: { readonly bias: tf.Tensor4D; readonly trained: boolean },
): boolean {
  const names = selfAttentionNames('decoder', 0);
  const normName: WeightName = `${layerName('decoder', 0, 'self')}.layer_norm.weight`;
  return (
    of.tuning.interventions['decoder.embed'] === undefined &&
    attentionIsBare(of, names, normName) &&
    [weight(of, 'shared.weight'), ...Object.values(attentionWeightsOf(of, names, normName, bias))].every(
      ({ trained }) => !trained,
    )
  );
}

/**
 * The cross-attention layer over the encoder's output, as one fused layer where it is bare. `inputFrozen`: nothing that is
 * trained lies before the stream.
 */
function crossAttention(
  of: Pass,
  block: number,
  stream: Activation,
  encoded: Activation,
  bias: tf.Tensor4D,
  inputFrozen: boolean,
): Activation {
  const names = crossAttentionNames(block);
  const normName: WeightName = `${layerName('decoder', block, 'cross')}.layer_norm.weight`;
  if (!attentionIsBare(of, names, normName))
    return attendMemory(of, block, stream, crossMemory(of, encoded, block));
  const weights = attentionWeightsOf(of, names, normName, { bias, trained: false });
  const { numHeads, layerNormEpsilon: epsilon } = of.model.config;
  const options = { numHeads, epsilon, derive: derive(of, normName, weights), inputFrozen };
  return withValues(stream, crossAttentionLayer(stream.values, encoded.values, weights, options));
}

export function decoderOutput(of: Pass, stream: Activation): tf.Tensor3D {
  const normed = at(of, 'decoder.final', norm(of, 'decoder.final_layer_norm.weight', stream), stream);
  const { scaleDecoderOutputs, dModel } = of.model.config;
  return scaleDecoderOutputs ? tf.mul(normed.values, dModel ** -0.5) : normed.values;
}

/** The target shifted right behind the decoder's start token: what the decoder reads while training. */
function decoderInput(of: Pass, target: TokenBatch): Omit<TokenBatch, 'lengths'> {
  const [rows, length] = target.ids.shape;
  const start = tf.fill([rows, 1], of.model.config.decoderStartTokenId, 'int32');
  const ids = tf.concat([start, target.ids.slice([0, 0], [rows, length - 1])], 1) as tf.Tensor2D;
  // Later positions are hidden by causality and padding stands last, so no mask is needed, as in transformers.
  return { ids, mask: tf.ones([rows, length]) };
}

/** What the vocabulary projection reads, one vector a target token: `[rows, targetLength, dModel]`. */
export function decode(of: Pass, encoded: Activation, target: TokenBatch): tf.Tensor3D {
  const input = decoderInput(of, target);
  let stream = embed(of, 'decoder', input);
  const length = stream.values.shape[1];
  const earlier = of.tuning.earlierTokens ?? 0;
  const position = stackBias(of, 'decoder', length, earlier + length, earlier);
  const hidden = tf.add(position.bias, padBias(causalBias(length), earlier)) as tf.Tensor4D;
  const intervened = of.tuning.interventions['decoder.embed'] !== undefined;
  const bias = intervened ? tf.add<tf.Tensor4D>(hidden, padBias(maskBias(stream.mask), earlier)) : hidden;
  const memoryBias = maskBias(encoded.mask);
  const ownBias = { bias, trained: position.trained };
  const startsFrozen = decoderStartsFrozen(of, ownBias);
  for (let block = 0; block < of.model.config.numDecoderLayers; block++) {
    const attended = selfAttention(of, 'decoder', block, stream, ownBias, encoded);
    const crossed = crossAttention(of, block, attended, encoded, memoryBias, block === 0 && startsFrozen);
    stream = feedForwardLayer(of, 'decoder', block, crossed);
    freeStream(attended);
    freeStream(crossed);
    stream = at(of, `decoder.${block}.output`, stream, stream);
  }
  return decoderOutput(of, stream);
}

/** The vocabulary projection's table `[vocabulary, dModel]`: `lm_head.weight` where the checkpoint holds one, else shared. */
export function vocabularyTable(of: Pass): { readonly value: tf.Tensor2D; readonly trained: boolean } {
  return weight<tf.Tensor2D>(of, of.model.weights.has('lm_head.weight') ? 'lm_head.weight' : 'shared.weight');
}

/** Next-token scores under teacher forcing: `[rows, targetLength, vocabulary]`. */
export function logits(model: T5, batch: Seq2SeqBatch, tuning: Tuning = untuned): tf.Tensor3D {
  return tf.tidy(() => forwardLogits(pass(model, tuning), batch));
}

function forwardLogits(of: Pass, batch: Seq2SeqBatch): tf.Tensor3D {
  return linear(decode(of, encode(of, batch.source), batch.target), vocabularyTable(of).value);
}

/**
 * The tensors at the sites asked for, under teacher forcing, as the next layer reads them (after interventions).
 * Activations are `[rows, length, d]`, attention weights `[rows, numHeads, query, key]`. The caller owns them.
 * @throws ConfigError naming a site that this model does not have.
 */
export function capture(
  model: T5,
  batch: Seq2SeqBatch,
  sites: readonly (Site | WeightsSite)[],
  tuning: Tuning = untuned,
): ReadonlyMap<Site | WeightsSite, tf.Tensor> {
  const of: Pass = { model, tuning, wanted: new Set(sites), seen: new Map() };
  const found = tf.tidy(() => {
    forwardLogits(of, batch);
    // A site may hold the same tensor as another (a residual stream nothing changed), so each gets a handle of its own.
    return Object.fromEntries([...of.seen].map(([site, tensor]) => [site, tensor.clone()]));
  });
  const missing = sites.filter((site) => found[site] === undefined);
  if (missing.length > 0) {
    tf.dispose(found);
    const { numEncoderLayers, numDecoderLayers } = model.config;
    throw new ConfigError(
      `capture: no site ${missing.join(', ')} in a model of ${numEncoderLayers} encoder and ${numDecoderLayers} decoder blocks`,
    );
  }
  return new Map(sites.map((site) => [site, found[site] as tf.Tensor]));
}
