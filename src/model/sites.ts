import type { tf } from '../tensor/backend';

export type Stack = 'encoder' | 'decoder';

/** What an attention exposes: its three projections, and its output before the residual is added. */
export type AttentionPlace = 'query' | 'key' | 'value' | 'output';

/**
 * The named tensors of one block. A feed-forward's `inner` is relu(linear), or gelu(gate) * linear where the model has a
 * gate; `output` is the residual stream after the block.
 */
export type Place =
  | `selfAttention.${AttentionPlace}`
  | `crossAttention.${AttentionPlace}`
  | 'feedForward.gate'
  | 'feedForward.linear'
  | 'feedForward.inner'
  | 'feedForward.output'
  | 'output';

/**
 * A named tensor of the model, which tuning methods write and analysis reads.
 * `encoder.embed` is what enters the first block; `encoder.3.selfAttention.key` block 3's keys, all heads side by
 * side; `encoder.final` the stack's output after its last layer norm. `crossAttention` exists in the decoder only.
 */
export type Site = `${Stack}.embed` | `${Stack}.${number}.${Place}` | `${Stack}.final`;

/** An attention as a whole: where key and value prefixes go and attention weights are read. */
export type AttentionSite = `${Stack}.${number}.selfAttention` | `decoder.${number}.crossAttention`;

/** An attention's weights after the softmax, `[rows, numHeads, query, key]`: read only. */
export type WeightsSite = `${AttentionSite}.weights`;

/** A parameter's name in a Hugging Face T5 checkpoint, e.g. `encoder.block.0.layer.0.SelfAttention.q.weight`. */
export type WeightName =
  | 'shared.weight'
  | 'lm_head.weight'
  | `${Stack}.final_layer_norm.weight`
  | `${Stack}.block.${number}.layer.${number}.${string}.weight`;

/** values: [rows, length, d]; mask: [rows, length], 1 = attend. rows = runs x batch, run-major. They travel together. */
export type Activation = { readonly values: tf.Tensor3D; readonly mask: tf.Tensor2D };

/** Replaces what a site produced; `input` is what the frozen layer read. */
export type Intervention = (output: Activation, input: Activation) => Activation;

/** Keys and values set before an attention's own: `[runs, numHeads, prefixLength, dKv]` each. */
export type KeyValuePrefix = { readonly key: tf.Tensor4D; readonly value: tf.Tensor4D };

/**
 * A prefix that depends on the rows, `[rows, numHeads, prefixLength, dKv]` each. `input` is what the attention makes its
 * own keys and values from; in the decoder's self-attention, where that grows token by token while a prefix is set
 * before the first, it is the encoder's output.
 */
export type PrefixOfInput = (input: Activation) => KeyValuePrefix;

/** What a method does to the frozen model, all of it. */
export type Tuning = {
  /** Change an activation. */
  readonly interventions: Readonly<Partial<Record<Site, Intervention>>>;
  /** Keys and values before an attention's own. */
  readonly prefixes: Readonly<Partial<Record<AttentionSite, KeyValuePrefix | PrefixOfInput>>>;
  /**
   * So many tokens before the first are what the prefixes of the decoder's self-attentions stand for, all of them: their
   * keys get T5's relative position bias. Absent, prefixes get none.
   */
  readonly earlierTokens?: number;
  /** Weights in the frozen ones' place; a layer norm's may be each run's own, `[runs, dModel]`. */
  readonly overrides: Readonly<Partial<Record<WeightName, tf.Tensor>>>;
  /** What the functions above hold, computed once; it lives as long as the tuning. */
  readonly owned?: readonly tf.Tensor[];
};

/** The tuning that changes nothing. */
export const untuned: Tuning = { interventions: {}, prefixes: {}, overrides: {} };
