import { z } from 'zod';
import type { Activation } from '../model/sites';
import { tf } from '../tensor/backend';
import type { TuningMethod } from './method';
import { prependPrompt } from './prompt';
import { initPrompt, medianInputNorm, type PromptInitConfig, promptInitOption } from './promptInit';
import { promptTuning } from './promptTuning';
import { scalingOf, scalings } from './scaling';
import { foldScaledPrompt } from './scaling/foldScaledPrompt';
import type { Scaling } from './scaling/scaling';

export type ScaledPromptTuningConfig = {
  readonly method: 'scaled-prompt-tuning';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
  /** The scaling variant: its name, or one of one's own (see `defineScaling`). */
  readonly scaling: string | Scaling;
};

/** Mean of the embeddings that the mask keeps: `[rows, length, dModel]` -> `[rows, dModel]`. */
function meanPool({ values, mask }: Activation): tf.Tensor2D {
  return tf.tidy(() => tf.div(tf.sum(tf.mul(values, mask.expandDims(-1)), 1), tf.sum(mask, 1, true)));
}

/**
 * Scaled Prompt-Tuning: a trained prompt times a trained scale before the encoder's input embeddings of a frozen model.
 * The paper's scale is one number a token, s * P with s `[promptLength]` and P `[promptLength, dModel]`.
 *
 * Folds into the plain prompt s * P, unless the scaling depends on the input.
 *
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
  options: {
    length: z.int().min(1),
    init: promptInitOption,
    scaling: z
      .string()
      .refine((name) => name in scalings, { message: `must be one of ${Object.keys(scalings).join(', ')}` }),
  },
  startsAsIdentity: false,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: promptTuning.usualTraining,
  shapes: ({ dModel }, { length, scaling }) => ({
    prompt: [length, dModel],
    ...scalingOf(scaling).shapes(length, dModel),
  }),
  frozen: ({ scaling }) => scalingOf(scaling).frozen ?? [],
  init: async (model, { length, init, scaling }, rng) => {
    const prompt = await initPrompt({ model, promptLength: length, rng }, init);
    const inputNorm = (): Promise<number> => medianInputNorm(model);
    const params = await scalingOf(scaling).init(prompt, { rng: rng.fork('scaling'), inputNorm });
    if (params['prompt'] !== undefined) prompt.dispose();
    return { prompt, ...params };
  },
  apply: (_model, { scaling }, { prompt, ...params }) => {
    const variant = scalingOf(scaling);
    return {
      interventions: {
        'encoder.embed': (embedded) => {
          const scaled = variant.apply(prompt as tf.Tensor3D, params, () => meanPool(embedded));
          return prependPrompt(scaled, embedded);
        },
      },
      prefixes: {},
      overrides: {},
    };
  },
  fold: (_model, { length, init, scaling }, params) => ({
    method: promptTuning as TuningMethod,
    config: { method: promptTuning.name, length, init },
    params: { prompt: foldScaledPrompt(scalingOf(scaling), params) },
  }),
};
