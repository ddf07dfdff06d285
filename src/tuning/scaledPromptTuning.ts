import { tf } from '../tensor/backend';
import type { Activation } from '../model/sites';
import { initPrompt, type PromptInitConfig } from './promptInit';
import { prependPrompt } from './prompt';
import { scalingNamed } from './scaling';
import type { TuningMethod } from './method';

export type ScaledPromptTuningConfig = {
  readonly method: 'scaled-prompt-tuning';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
  /** The scaling variant's name. */
  readonly scaling: string;
};

/** Mean of the embeddings that the mask keeps: `[rows, length, dModel]` -> `[rows, dModel]`. */
function meanPool({ values, mask }: Activation): tf.Tensor2D {
  return tf.tidy(() => tf.div(tf.sum(tf.mul(values, mask.expandDims(-1)), 1), tf.sum(mask, 1, true)));
}

/**
 * Scaled Prompt-Tuning: a trained prompt times a trained scale before the encoder's input embeddings of a frozen model.
 * The paper's scale is one number a token, s * P with s `[promptLength]` and P `[promptLength, dModel]`.
 * Reference: Scaled Prompt-Tuning (arXiv 2309.06759).
 */
export const scaledPromptTuning: TuningMethod<ScaledPromptTuningConfig> = {
  name: 'scaled-prompt-tuning',
  defaults: {
    method: 'scaled-prompt-tuning',
    length: 50,
    init: { kind: 'sampledVocabulary' },
    scaling: 'token-wise',
  },
  startsAsIdentity: false,
  batchesRuns: true,
  init: async (model, { length, init, scaling }, rng) => {
    const prompt = await initPrompt({ model, promptLength: length, rng }, init);
    return { prompt, ...scalingNamed(scaling).init(prompt) };
  },
  apply: (_model, { scaling }, { prompt, ...params }) => ({
    interventions: {
      'encoder.embed': (embedded) => {
        const scaled = scalingNamed(scaling).apply(prompt as tf.Tensor3D, params, () => meanPool(embedded));
        return prependPrompt(scaled, embedded);
      },
    },
    prefixes: {},
    overrides: {},
  }),
};
