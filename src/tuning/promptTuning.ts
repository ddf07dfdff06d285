import { z } from 'zod';
import type { tf } from '../tensor/backend';
import type { TuningMethod } from './method';
import { prependPrompt } from './prompt';
import { initPrompt, type PromptInitConfig, promptInitOption } from './promptInit';

export type PromptTuningConfig = {
  readonly method: 'prompt-tuning';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
};

/**
 * Prompt-Tuning: a trained prompt P `[promptLength, dModel]` before the encoder's input embeddings of a frozen model.
 * It is the plainest form: other prompts fold into it.
 * Reference: Lester et al. 2021 (arXiv 2104.08691), section 2.
 */
export const promptTuning: TuningMethod<PromptTuningConfig, 'prompt'> = {
  name: 'prompt-tuning',
  defaults: { method: 'prompt-tuning', length: 50, init: { kind: 'sampledVocabulary' } },
  options: { length: z.int().min(1), init: promptInitOption },
  startsAsIdentity: false,
  batchesRuns: true,
  batchesConfigs: true,
  // As the search on the mini sets found (`spt sweep prompt-search`; its table is on the mini model's card). Large T5s are
  // usually trained with Adafactor at 0.3, for longer: that is what google-research's prompt-tuning does.
  usualTraining: {
    optimizer: 'adamw',
    weightDecay: 0,
    learningRate: { adamw: 1, adafactor: 1 },
    steps: 600,
  },
  shapes: ({ dModel }, { length }) => ({ prompt: [length, dModel] }),
  init: async (model, { length, init }, rng) => ({
    prompt: await initPrompt({ model, promptLength: length, rng }, init),
  }),
  apply: (_model, _config, { prompt }) => ({
    interventions: { 'encoder.embed': (embedded) => prependPrompt(prompt as tf.Tensor3D, embedded) },
    prefixes: {},
    overrides: {},
  }),
};
