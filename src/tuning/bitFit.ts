import { z } from 'zod';
import { withValues } from '../model/attention';
import type { T5Config } from '../model/config';
import { attentions, feedForwards } from '../model/layers';
import type { Intervention, Site } from '../model/sites';
import { tf } from '../tensor/backend';
import { layerNormOverrides, layerNormParams, layerNormShapes } from './layerNorms';
import { parameter, type TuningMethod } from './method';
import { plusPerRun } from './runLinear';

export type BitFitConfig = {
  readonly method: 'bitfit';
  /** Train the layer norms' weights too. */
  readonly layerNorms: boolean;
};

/** Every linear map's output, and its width. */
function biases(shape: T5Config): readonly (readonly [Site, number])[] {
  const inner = shape.numHeads * shape.dKv;
  return [
    ...attentions(shape).flatMap(({ site }): (readonly [Site, number])[] => [
      [`${site}.query`, inner],
      [`${site}.key`, inner],
      [`${site}.value`, inner],
      [`${site}.output`, shape.dModel],
    ]),
    ...feedForwards(shape).flatMap(({ site }): (readonly [Site, number])[] => [
      ...(shape.feedForward === 'gated-gelu' ? [[`${site}.gate`, shape.dFf] as const] : []),
      [`${site}.linear`, shape.dFf],
      [`${site}.output`, shape.dModel],
    ]),
  ];
}

/**
 * BitFit: a trained bias on the output of every linear map of attentions and feed-forwards, zero at the start, and the
 * weights of the layer norms. T5 has no biases, so training them adds them; its layer norms have a weight only, which
 * takes the place of the bias that others' have.
 *
 * Does not fold: a T5's weights have no place for a bias.
 *
 * Reference: Ben Zaken et al. 2022 (arXiv 2106.10199), section 3.
 */
export const bitFit: TuningMethod<BitFitConfig> = {
  name: 'bitfit',
  defaults: { method: 'bitfit', layerNorms: true },
  options: { layerNorms: z.boolean() },
  startsAsIdentity: true,
  batchesRuns: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 1e-2, adafactor: 1e-2 }, steps: 600 },
  shapes: (shape, { layerNorms }) => ({
    ...Object.fromEntries(biases(shape).map(([site, size]) => [site, [size]])),
    ...(layerNorms ? layerNormShapes(shape) : {}),
  }),
  init: (model, { layerNorms }) =>
    Promise.resolve({
      ...Object.fromEntries(biases(model.config).map(([site, size]) => [site, tf.zeros([size])])),
      ...(layerNorms ? layerNormParams(model) : {}),
    }),
  apply: (model, { layerNorms }, params) => {
    const intervention =
      (site: Site): Intervention =>
      (output) =>
        withValues(output, plusPerRun(output.values, parameter(params, site)));
    return {
      interventions: Object.fromEntries(biases(model.config).map(([site]) => [site, intervention(site)])),
      prefixes: {},
      overrides: layerNorms ? layerNormOverrides(model, params) : {},
    };
  },
};
