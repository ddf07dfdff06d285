import { z } from 'zod';
import type { T5Config } from '../model/config';
import { attentions } from '../model/layers';
import { withValues } from '../model/attention';
import type { Intervention, Site, WeightName } from '../model/sites';
import { tf } from '../tensor/backend';
import { fineTuning } from './fineTuning';
import { initialParams, linearValues } from './initialValues';
import { parameter, type Params, type Shapes, type StackedParams, type TuningMethod } from './method';
import { runLinear } from './runLinear';

/** An attention's projections, and the letters of their weights' names. */
export const projections = { query: 'q', key: 'k', value: 'v', output: 'o' } as const;
type Projection = keyof typeof projections;

export type LoraConfig = {
  readonly method: 'lora';
  /** r. */
  readonly rank: number;
  readonly alpha: number;
  /** The attentions' projections that are changed. */
  readonly targets: readonly Projection[];
};

type Target = { readonly site: Site; readonly weight: WeightName; readonly shape: readonly [number, number] };

/** The changed projections of every attention, with their frozen weight's shape `[out, in]`. */
export function loraTargets(shape: T5Config, targets: readonly Projection[]): readonly Target[] {
  const inner = shape.numHeads * shape.dKv;
  return attentions(shape).flatMap(({ site, weights }) =>
    targets.map((target): Target => ({
      site: `${site}.${target}`,
      weight: `${weights}.${projections[target]}.weight`,
      shape: target === 'output' ? [shape.dModel, inner] : [inner, shape.dModel],
    })),
  );
}

/** Shapes of the factors A and B of every target. */
export function loraShapes(shape: T5Config, rank: number, targets: readonly Projection[]): Shapes {
  return Object.fromEntries(
    loraTargets(shape, targets).flatMap(({ site, shape: [out, from] }) => [
      [`${site}.A`, [rank, from]],
      [`${site}.B`, [out, rank]],
    ]),
  );
}

/** B A x: what a target adds to its projection, before its factor. x `[rows, length, in]` -> `[rows, length, out]`. */
export function loraUpdate(params: StackedParams, site: Site, x: tf.Tensor3D): tf.Tensor3D {
  return runLinear(runLinear(x, parameter(params, `${site}.A`)), parameter(params, `${site}.B`));
}

/**
 * LoRA: W + (alpha / r) B A in place of a frozen projection W `[out, in]`, with A `[r, in]` uniform in
 * [-1/sqrt(in), 1/sqrt(in)] and B `[out, r]` zero at the start, so that training starts from the frozen model. Queries
 * and values of every attention by default, cross-attention included.
 *
 * Folds into weights in the frozen ones' place, as a Fine-Tuning run that holds the changed ones.
 *
 * Reference: Hu et al. 2021 (arXiv 2106.09685), equation 3. The paper draws A from a normal distribution; this start is
 * that of its code and of Hugging Face PEFT. No dropout, as everywhere here.
 */
export const lora: TuningMethod<LoraConfig> = {
  name: 'lora',
  defaults: { method: 'lora', rank: 8, alpha: 8, targets: ['query', 'value'] },
  options: {
    rank: z.int().min(1),
    alpha: z.number().positive(),
    targets: z.array(z.enum(['query', 'key', 'value', 'output'])).min(1),
  },
  startsAsIdentity: true,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 2e-2, adafactor: 1e-3 }, steps: 600 },
  shapes: (shape, { rank, targets }) => loraShapes(shape, rank, targets),
  init: (model, { rank, targets }, rng) =>
    Promise.resolve(
      initialParams(loraShapes(model.config, rank, targets), rng, (name, shape, own) =>
        name.endsWith('.B') ? tf.zeros([...shape]) : linearValues(shape, own),
      ),
    ),
  apply: (model, { rank, alpha, targets }, params) => {
    const intervention =
      (site: Site): Intervention =>
      (output, input) =>
        withValues(
          output,
          tf.add(output.values, tf.mul(loraUpdate(params, site, input.values), alpha / rank)),
        );
    return {
      interventions: Object.fromEntries(
        loraTargets(model.config, targets).map(({ site }) => [site, intervention(site)]),
      ),
      prefixes: {},
      overrides: {},
    };
  },
  fold: (model, { rank, alpha, targets }, params) => ({
    method: fineTuning as TuningMethod,
    config: fineTuning.defaults,
    params: tf.tidy((): Params =>
      Object.fromEntries(
        loraTargets(model.config, targets).map(({ site, weight }) => {
          const change = tf.matMul(
            parameter<tf.Tensor2D>(params, `${site}.B`),
            parameter<tf.Tensor2D>(params, `${site}.A`),
          );
          const frozen = parameter(Object.fromEntries(model.weights), weight);
          return [weight, tf.add(frozen, tf.mul(change, alpha / rank))];
        }),
      ),
    ),
  }),
};
