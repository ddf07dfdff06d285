import { z } from 'zod';
import { withValues } from '../model/attention';
import type { T5Config } from '../model/config';
import type { Intervention, Site } from '../model/sites';
import { tf } from '../tensor/backend';
import { activationNames, type ActivationName } from './activation';
import {
  blockSites,
  bottleneckShapes,
  bottleneckUpdate,
  bottleneckValues,
  bottleneckWidth,
  sublayerSites,
} from './bottleneck';
import { initialParams } from './initialValues';
import type { Shapes, TuningMethod } from './method';

export type AdapterConfig = {
  readonly method: 'adapter';
  /** After self-attention and feed-forward, or after feed-forward only. */
  readonly placement: 'houlsby' | 'pfeiffer';
  /** dModel over the width inside. */
  readonly reduction: number;
  readonly activation: ActivationName;
};

function adapterSites(shape: T5Config, placement: AdapterConfig['placement']): readonly Site[] {
  return placement === 'houlsby' ? sublayerSites(shape) : blockSites(shape);
}

function adapterShapes(shape: T5Config, { placement, reduction }: AdapterConfig): Shapes {
  const width = bottleneckWidth(shape, reduction);
  return Object.assign(
    {},
    ...adapterSites(shape, placement).map((site) => bottleneckShapes(site, shape.dModel, width)),
  ) as Shapes;
}

/**
 * Adapters: h + W_up f(W_down h + b) + b' with a narrow inside. Houlsby's read the output of self-attention and of
 * feed-forward before the residual is added; Pfeiffer's, one a block, read the residual stream after the feed-forward
 * (there, T5 having no layer norm behind the residual, AdapterHub puts them). None after cross-attention, as there.
 *
 * W_up starts at zero, so that training starts from the frozen model; the papers and AdapterHub's default start near it.
 * Does not fold: the inside is not linear.
 *
 * Reference: Houlsby et al. 2019 (arXiv 1902.00751), section 2.1; Pfeiffer et al. 2020 (arXiv 2005.00247), section 3. On
 * T5, which the papers do not have, AdapterHub 1.3.0 is followed (DoubleSeqBn, SeqBn); the numbers are equal.
 */
export const adapter: TuningMethod<AdapterConfig> = {
  name: 'adapter',
  defaults: { method: 'adapter', placement: 'houlsby', reduction: 16, activation: 'swish' },
  options: {
    placement: z.enum(['houlsby', 'pfeiffer']),
    reduction: z.number().min(1),
    activation: z.enum(activationNames),
  },
  startsAsIdentity: true,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 2e-2, adafactor: 1e-3 }, steps: 600 },
  shapes: adapterShapes,
  init: (model, config, rng) =>
    Promise.resolve(initialParams(adapterShapes(model.config, config), rng, bottleneckValues)),
  apply: (model, { placement, activation }, params) => {
    const intervention =
      (site: Site): Intervention =>
      (output) =>
        withValues(output, tf.add(output.values, bottleneckUpdate(params, site, activation, output.values)));
    return {
      interventions: Object.fromEntries(
        adapterSites(model.config, placement).map((site) => [site, intervention(site)]),
      ),
      prefixes: {},
      overrides: {},
    };
  },
};
