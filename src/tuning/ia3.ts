import { withValues } from '../model/attention';
import type { T5Config } from '../model/config';
import { attentions, feedForwards } from '../model/layers';
import type { Intervention, Site, WeightName } from '../model/sites';
import { tf } from '../tensor/backend';
import { fineTuning } from './fineTuning';
import { parameter, type Params, type TuningMethod } from './method';
import { timesPerRun } from './runLinear';

export type Ia3Config = { readonly method: 'ia3' };

/** Where a factor acts, how long it is, and the frozen weight that it folds into: its rows, or its columns. */
type Factor = {
  readonly site: Site;
  readonly size: number;
  readonly weight: WeightName;
  readonly scales: 'rows' | 'columns';
};

/** Every factor of a model. */
export function ia3Factors(shape: T5Config): readonly Factor[] {
  const size = shape.numHeads * shape.dKv;
  return [
    ...attentions(shape).flatMap(({ site, weights }): Factor[] => [
      { site: `${site}.key`, size, weight: `${weights}.k.weight`, scales: 'rows' },
      { site: `${site}.value`, size, weight: `${weights}.v.weight`, scales: 'rows' },
    ]),
    ...feedForwards(shape).map(({ site, weights }): Factor => ({
      site: `${site}.inner`,
      size: shape.dFf,
      weight: `${weights}.wo.weight`,
      scales: 'columns',
    })),
  ];
}

/**
 * IA3: trained factors on the keys and values of every attention (`[numHeads x dKv]`) and on the inside of every
 * feed-forward (`[dFf]`); all start at 1.
 *
 * Folds into the frozen weights: keys' and values' rows, and the columns of the feed-forward's last map.
 *
 * Reference: Liu et al. 2022 (arXiv 2205.05638), section 3.3. In a gated feed-forward the factor acts on
 * gelu(gate) * linear, as in Hugging Face PEFT and the authors' code; AdapterHub scales the first map's output, before
 * the activation.
 */
export const ia3: TuningMethod<Ia3Config> = {
  name: 'ia3',
  defaults: { method: 'ia3' },
  options: {},
  startsAsIdentity: true,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 6e-2, adafactor: 3e-3 }, steps: 600 },
  shapes: (shape) => Object.fromEntries(ia3Factors(shape).map(({ site, size }) => [site, [size]])),
  init: (model) =>
    Promise.resolve(
      Object.fromEntries(ia3Factors(model.config).map(({ site, size }) => [site, tf.ones([size])])),
    ),
  apply: (model, _config, params) => {
    const intervention =
      (site: Site): Intervention =>
      (output) =>
        withValues(output, timesPerRun(output.values, parameter(params, site)));
    return {
      interventions: Object.fromEntries(
        ia3Factors(model.config).map(({ site }) => [site, intervention(site)]),
      ),
      prefixes: {},
      overrides: {},
    };
  },
  fold: (model, _config, params) => ({
    method: fineTuning as TuningMethod,
    config: fineTuning.defaults,
    params: tf.tidy((): Params =>
      Object.fromEntries(
        ia3Factors(model.config).map(({ site, weight, scales }) => {
          const factor = parameter(params, site);
          const frozen = parameter(Object.fromEntries(model.weights), weight);
          return [weight, tf.mul(frozen, scales === 'rows' ? factor.expandDims(-1) : factor)];
        }),
      ),
    ),
  }),
};
