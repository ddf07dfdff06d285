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
