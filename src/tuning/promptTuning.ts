import { initPrompt, type PromptInitConfig } from './promptInit';
import { prependPrompt } from './prompt';
import type { TuningMethod } from './method';
import type { tf } from '../tensor/backend';

export type PromptTuningConfig = {
  readonly method: 'prompt-tuning';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
};

/**
 * Prompt-Tuning: a trained prompt P `[promptLength, dModel]` before the encoder's input embeddings of a frozen model.
 * Reference: Lester et al. 2021 (arXiv 2104.08691), section 2.
 */
export const promptTuning: TuningMethod<PromptTuningConfig, 'prompt'> = {
  name: 'prompt-tuning',
  defaults: { method: 'prompt-tuning', length: 50, init: { kind: 'sampledVocabulary' } },
  startsAsIdentity: false,
  batchesRuns: true,
  init: async (model, { length, init }, rng) => ({
    prompt: await initPrompt({ model, promptLength: length, rng }, init),
  }),
  apply: (_model, _config, { prompt }) => ({
    interventions: { 'encoder.embed': (embedded) => prependPrompt(prompt as tf.Tensor3D, embedded) },
    prefixes: {},
    overrides: {},
  }),
};
