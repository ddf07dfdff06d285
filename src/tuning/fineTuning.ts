import type { tf } from '../tensor/backend';
import { ConfigError } from '../errors';
import type { WeightName } from '../model/sites';
import type { TuningMethod } from './method';

export type FineTuningConfig = { readonly method: 'fine-tuning' };

/**
 * Fine-Tuning: every weight of the model is trained, starting from the frozen one's. Parameters carry the weights'
 * names. One copy of the model a run, so a population of runs trains one after the other.
 */
export const fineTuning: TuningMethod<FineTuningConfig> = {
  name: 'fine-tuning',
  defaults: { method: 'fine-tuning' },
  startsAsIdentity: true,
  batchesRuns: false,
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
