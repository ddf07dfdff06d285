import { ConfigError } from '../errors';
import { expectedWeights } from '../model/checkpoint';
import type { WeightName } from '../model/sites';
import type { tf } from '../tensor/backend';
import type { TuningMethod } from './method';

export type FineTuningConfig = { readonly method: 'fine-tuning' };

/**
 * Fine-Tuning: every weight of the model is trained, starting from the frozen one's. Parameters carry the weights'
 * names. One copy of the model a run, so a population of runs trains one after the other. Its parameters are a model's
 * own weights: there is nothing plainer to fold into.
 */
export const fineTuning: TuningMethod<FineTuningConfig> = {
  name: 'fine-tuning',
  defaults: { method: 'fine-tuning' },
  options: {},
  startsAsIdentity: true,
  batchesRuns: false,
  usualTraining: { optimizer: 'adamw', learningRate: { adafactor: 3e-4, adamw: 5e-4 }, steps: 300 },
  // Where the decoder's output is not scaled, the checkpoint has a vocabulary projection of its own.
  shapes: (shape) => ({
    ...Object.fromEntries(expectedWeights(shape)),
    ...(shape.scaleDecoderOutputs ? {} : { 'lm_head.weight': [shape.vocabulary, shape.dModel] }),
  }),
  init: async (model) => Object.fromEntries([...model.weights].map(([name, value]) => [name, value.clone()])),
  apply: (_model, _config, params) => {
    const overrides: Partial<Record<WeightName, tf.Tensor>> = {};
    for (const [name, stacked] of Object.entries(params)) {
      const [runs, ...shape] = stacked.shape;
      if (runs !== 1) throw new ConfigError(`fine-tuning: runs must be 1 in one batched step; found ${runs}`);
      overrides[name as WeightName] = stacked.reshape(shape);
    }
    return { interventions: {}, prefixes: {}, overrides };
  },
};
