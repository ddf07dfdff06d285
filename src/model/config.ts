import { ConfigError } from '../errors';

/** The shape of a T5, in Hugging Face's terms; the two stacks' layers are counted apart. */
export type T5Config = {
  readonly vocabulary: number;
  readonly dModel: number;
  /** Width of one head; `numHeads x dKv` need not be dModel. */
  readonly dKv: number;
  readonly dFf: number;
  readonly numHeads: number;
  readonly numEncoderLayers: number;
  readonly numDecoderLayers: number;
  readonly relativeAttentionNumBuckets: number;
  readonly relativeAttentionMaxDistance: number;
  readonly layerNormEpsilon: number;
  /** `relu`: wo relu(wi x), T5 v1.0. `gated-gelu`: wo (gelu(wi_0 x) * wi_1 x) with the tanh approximation, v1.1 and Flan. */
  readonly feedForward: 'relu' | 'gated-gelu';
  /** The decoder's output is multiplied by dModel^-0.5 before the vocabulary projection. */
  readonly scaleDecoderOutputs: boolean;
  readonly padTokenId: number;
  readonly endTokenId: number;
  readonly decoderStartTokenId: number;
};

/** What every T5 v1.0 shares, whatever its size. */
export const t5v10 = {
  relativeAttentionNumBuckets: 32,
  relativeAttentionMaxDistance: 128,
  layerNormEpsilon: 1e-6,
  feedForward: 'relu',
  scaleDecoderOutputs: true,
  padTokenId: 0,
  endTokenId: 1,
  decoderStartTokenId: 0,
} as const satisfies Partial<T5Config>;

/** The activation that transformers derives from each `feed_forward_proj` it and this model share. */
const activations = { relu: 'relu', 'gated-gelu': 'gelu_new' } as const;

/**
 * Reads a T5's shape from the content of a Hugging Face `config.json`; absent fields take transformers' defaults.
 *
 * `scaleDecoderOutputs` is `scale_decoder_outputs` where that key is there (transformers 5 writes it), else whether
 * `tie_word_embeddings` is not false (transformers 4 read both facts from that one key).
 *
 * Reference: transformers, `T5Config`.
 *
 * @param where names the file in errors.
 * @throws ConfigError naming file and field.
 */
export function parseT5Config(json: unknown, where: string): T5Config {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ConfigError(`${where}: must hold one JSON object; found ${shown(json)}`);
  const fields = json as Readonly<Record<string, unknown>>;
  const refuse = (field: string, must: string): never => {
    throw new ConfigError(`${where}: ${field} must be ${must}; found ${shown(fields[field])}`);
  };
  const integer = (field: string, preset: number, least: number): number => {
    const value = fields[field] ?? preset;
    return Number.isSafeInteger(value) && (value as number) >= least
      ? (value as number)
      : refuse(field, `an integer of at least ${least}`);
  };
  const flag = (field: string): boolean | undefined => {
    const value = fields[field];
    return value === undefined || typeof value === 'boolean' ? value : refuse(field, 'true or false');
  };

  if (fields['model_type'] !== 't5') refuse('model_type', '"t5"');
  const feedForward = fields['feed_forward_proj'] ?? 'relu';
  if (feedForward !== 'relu' && feedForward !== 'gated-gelu')
    return refuse('feed_forward_proj', '"relu" or "gated-gelu"');
  const activation = activations[feedForward];
  if ((fields['dense_act_fn'] ?? activation) !== activation)
    refuse('dense_act_fn', `"${activation}" beside feed_forward_proj "${feedForward}"`);
  const gated = feedForward === 'gated-gelu';
  if ((flag('is_gated_act') ?? gated) !== gated)
    refuse('is_gated_act', `${gated} beside feed_forward_proj "${feedForward}"`);

  const epsilon = fields['layer_norm_epsilon'] ?? 1e-6;
  if (typeof epsilon !== 'number' || !(epsilon > 0)) return refuse('layer_norm_epsilon', 'a positive number');
  const numBuckets = integer('relative_attention_num_buckets', 32, 4);
  const vocabulary = integer('vocab_size', 32128, 1);
  const tokenId = (field: string, preset: number): number => {
    const value = integer(field, preset, 0);
    return value < vocabulary ? value : refuse(field, `below vocab_size ${vocabulary}`);
  };
  const numEncoderLayers = integer('num_layers', 6, 1);
  const padTokenId = tokenId('pad_token_id', 0);
  return {
    vocabulary,
    dModel: integer('d_model', 512, 1),
    dKv: integer('d_kv', 64, 1),
    dFf: integer('d_ff', 2048, 1),
    numHeads: integer('num_heads', 8, 1),
    numEncoderLayers,
    numDecoderLayers: integer('num_decoder_layers', numEncoderLayers, 1),
    relativeAttentionNumBuckets: numBuckets,
    // The logarithmic buckets start at half the buckets in the decoder; they need room above that.
    relativeAttentionMaxDistance: integer(
      'relative_attention_max_distance',
      128,
      Math.floor(numBuckets / 2) + 1,
    ),
    layerNormEpsilon: epsilon,
    feedForward,
    scaleDecoderOutputs: flag('scale_decoder_outputs') ?? flag('tie_word_embeddings') ?? true,
    padTokenId,
    endTokenId: tokenId('eos_token_id', 1),
    decoderStartTokenId: tokenId('decoder_start_token_id', padTokenId),
  };
}

/**
 * The `config.json` of a T5, which transformers 4 and 5 and `parseT5Config` read back as the same model.
 *
 * `tie_word_embeddings` repeats `scale_decoder_outputs`: transformers 4 reads the scaling from it, transformers 5
 * ignores it beside the newer key.
 */
export function t5ConfigJson(
  config: T5Config,
): Readonly<Record<string, string | number | boolean | string[]>> {
  return {
    architectures: ['T5ForConditionalGeneration'],
    model_type: 't5',
    is_encoder_decoder: true,
    vocab_size: config.vocabulary,
    d_model: config.dModel,
    d_kv: config.dKv,
    d_ff: config.dFf,
    num_heads: config.numHeads,
    num_layers: config.numEncoderLayers,
    num_decoder_layers: config.numDecoderLayers,
    relative_attention_num_buckets: config.relativeAttentionNumBuckets,
    relative_attention_max_distance: config.relativeAttentionMaxDistance,
    layer_norm_epsilon: config.layerNormEpsilon,
    feed_forward_proj: config.feedForward,
    dense_act_fn: activations[config.feedForward],
    is_gated_act: config.feedForward === 'gated-gelu',
    scale_decoder_outputs: config.scaleDecoderOutputs,
    tie_word_embeddings: config.scaleDecoderOutputs,
    pad_token_id: config.padTokenId,
    eos_token_id: config.endTokenId,
    decoder_start_token_id: config.decoderStartTokenId,
  };
}

/** A JSON value as an error shows it. */
function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
