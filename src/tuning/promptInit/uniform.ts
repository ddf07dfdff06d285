import { tf } from '../../tensor/backend';
import type { PromptInit } from './promptInit';

export type UniformInit = { readonly kind: 'uniform'; readonly range?: number };

/** Uniform in [-range, range]. Reference: Lester et al. 2021 (arXiv 2104.08691), section 2.1, range 0.5. */
export const uniform: PromptInit<UniformInit> = ({ model, promptLength, rng }, { range = 0.5 }) => {
  const { dModel } = model.config;
  const values = Float32Array.from({ length: promptLength * dModel }, () => (2 * rng.uniform() - 1) * range);
  return tf.tensor2d(values, [promptLength, dModel]);
};
