import { z } from 'zod';
import type { T5Config } from '../model/config';
import { tf } from '../tensor/backend';
import { relu } from '../tensor/fused';
import { initialParams, linearValues } from './initialValues';
import { parameter, type Params, type Shapes, type StackedParams, type TuningMethod } from './method';
import { prependPrompt } from './prompt';
import { initPrompt, type PromptInitConfig, promptInitOption } from './promptInit';
import { promptTuning } from './promptTuning';
import { namedLinear, plusPerRun, timesPerRun } from './runLinear';
import { stackParams } from './stack';

export type ResidualPromptTuningConfig = {
  readonly method: 'residual-prompt-tuning';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
  /** Width inside the shared network. */
  readonly bottleneck: number;
};

/** PyTorch's epsilon of a layer norm. */
const EPSILON = 1e-5;

function networkShapes({ dModel }: T5Config, bottleneck: number): Shapes {
  return {
    'down.weight': [bottleneck, dModel],
    'down.bias': [bottleneck],
    'up.weight': [dModel, bottleneck],
    'up.bias': [dModel],
    'norm.weight': [dModel],
    'norm.bias': [dModel],
  };
}

/** The prompt that the model reads: P + LayerNorm(W_up relu(W_down P + b) + b'), `[runs, promptLength, dModel]`. */
function reparametrised(params: StackedParams): tf.Tensor3D {
  return tf.tidy(() => {
    const prompt = parameter<tf.Tensor3D>(params, 'prompt');
    const out = namedLinear(params, 'up', relu(namedLinear(params, 'down', prompt)));
    const centred = tf.sub(out, tf.mean(out, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const normed = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))) as tf.Tensor3D;
    const scaled = timesPerRun(normed, parameter(params, 'norm.weight'));
    return tf.add(prompt, plusPerRun(scaled, parameter(params, 'norm.bias')));
  });
}

/**
 * Residual Prompt-Tuning: the prompt that the model reads is P + f(P), with f a narrow network shared by all prompt tokens:
 * linear -> ReLU -> linear -> layer norm. P and f are trained.
 *
 * Folds into the plain prompt P + f(P).
 *
 * Reference: Razdaibiedina et al. 2023 (arXiv 2305.03937), section 3.1, bottleneck 400 as in its experiments on T5.
 */
export const residualPromptTuning: TuningMethod<ResidualPromptTuningConfig> = {
  name: 'residual-prompt-tuning',
  defaults: {
    method: 'residual-prompt-tuning',
    length: 50,
    init: { kind: 'sampledVocabulary' },
    bottleneck: 400,
  },
  options: { length: z.int().min(1), init: promptInitOption, bottleneck: z.int().min(1) },
  startsAsIdentity: false,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: promptTuning.usualTraining,
  shapes: (shape, { length, bottleneck }) => ({
    prompt: [length, shape.dModel],
    ...networkShapes(shape, bottleneck),
  }),
  init: async (model, { length, init, bottleneck }, rng) => ({
    prompt: await initPrompt({ model, promptLength: length, rng }, init),
    ...initialParams(networkShapes(model.config, bottleneck), rng, (name, shape, own) => {
      if (name === 'norm.weight') return tf.ones([...shape]);
      return name.endsWith('.weight') ? linearValues(shape, own) : tf.zeros([...shape]);
    }),
  }),
  apply: (_model, _config, params) => ({
    interventions: { 'encoder.embed': (embedded) => prependPrompt(reparametrised(params), embedded) },
    prefixes: {},
    overrides: {},
  }),
  fold: (_model, { length, init }, params) => ({
    method: promptTuning as TuningMethod,
    config: { method: promptTuning.name, length, init },
    params: tf.tidy((): Params => ({ prompt: reparametrised(stackParams([params])).squeeze([0]) })),
  }),
};
