import { z } from 'zod';
import { ConfigError } from '../errors';
import { withValues } from '../model/attention';
import type { T5Config } from '../model/config';
import type { Intervention, Site } from '../model/sites';
import { tf } from '../tensor/backend';
import { activate, type ActivationName, activationNames } from './activation';
import { blockSites, feedForwardSites, sublayerSites } from './bottleneck';
import { initialParams, normalValues, uniformValues } from './initialValues';
import { layerNormOverrides, layerNormParams, layerNormShapes } from './layerNorms';
import { parameter, type Shapes, type StackedParams, type TuningMethod } from './method';
import { runLinear } from './runLinear';

const placements = ['compacter', 'compacter++', 'compacter++-residual'] as const;

export type CompacterConfig = {
  readonly method: 'compacter';
  /**
   * After self-attention and feed-forward, or after feed-forward only (Compacter++); `compacter++-residual` reads the
   * residual stream there, as AdapterHub's.
   */
  readonly placement: (typeof placements)[number];
  /** n: Kronecker products in a map's sum, and the side of the shared matrices. */
  readonly products: number;
  /** Rank of the second factor of each product. */
  readonly rank: number;
  /** Width inside. */
  readonly bottleneck: number;
  readonly activation: ActivationName;
  /** Train the layer norms' weights too. */
  readonly layerNorms: boolean;
};

/** The n shared n x n matrices, one set for all maps of both stacks. */
const SHARED = 'shared.A';

function compacterSites(shape: T5Config, placement: CompacterConfig['placement']): readonly Site[] {
  const sites = {
    compacter: sublayerSites,
    'compacter++': feedForwardSites,
    'compacter++-residual': blockSites,
  };
  return sites[placement](shape);
}

function compacterShapes(shape: T5Config, config: CompacterConfig): Shapes {
  const { placement, products: n, rank, bottleneck, layerNorms } = config;
  const { dModel } = shape;
  if (dModel % n !== 0 || bottleneck % n !== 0)
    throw new ConfigError(
      `compacter: products must divide dModel and bottleneck; products ${n}, dModel ${dModel}, bottleneck ${bottleneck}`,
    );
  const map = (name: string, from: number, to: number): Shapes => ({
    [`${name}.s`]: [n, from / n, rank],
    [`${name}.t`]: [n, rank, to / n],
    [`${name}.bias`]: [to],
  });
  const maps = compacterSites(shape, placement).map((site) => ({
    ...map(`${site}.down`, dModel, bottleneck),
    ...map(`${site}.up`, bottleneck, dModel),
  }));
  return Object.assign({ [SHARED]: [n, n, n] }, ...maps, layerNorms ? layerNormShapes(shape) : {}) as Shapes;
}

/** Uniform in the bounds that keep a map's variance (Glorot): sqrt(6 / (in + out)) of the last two axes. */
function startOf(name: string, shape: readonly number[], rng: Parameters<typeof normalValues>[2]): tf.Tensor {
  if (name === SHARED) return normalValues(shape, 0.01, rng);
  if (name.endsWith('.bias') || name.endsWith('.up.t')) return tf.zeros([...shape]);
  const [from, to] = shape.slice(-2) as [number, number];
  return uniformValues(shape, Math.sqrt(6 / (from + to)), rng);
}

/**
 * A map's matrix, W = sum_i A_i (x) (s_i t_i): A `[runs, n, n, n]`, s `[runs, n, in / n, rank]`,
 * t `[runs, n, rank, out / n]` -> `[runs, out, in]`, for x W^T.
 */
function kroneckerSum(a: tf.Tensor4D, s: tf.Tensor4D, t: tf.Tensor4D): tf.Tensor3D {
  const [runs, n] = a.shape;
  const from = s.shape[2];
  const to = t.shape[3];
  return tf.tidy(() => {
    const inner = tf.matMul(s, t).reshape([runs, n, from * to]);
    const products = tf.matMul(a.reshape([runs, n, n * n]), inner, true, false);
    return products
      .reshape([runs, n, n, from, to])
      .transpose([0, 2, 4, 1, 3])
      .reshape([runs, n * to, n * from]);
  });
}

/** Each map's matrix by the map's name, computed once a step. */
function mapsOf(sites: readonly Site[], params: StackedParams): ReadonlyMap<string, tf.Tensor3D> {
  const names = sites.flatMap((site) => [`${site}.down`, `${site}.up`]);
  return new Map(
    names.map((name) => [
      name,
      kroneckerSum(parameter(params, SHARED), parameter(params, `${name}.s`), parameter(params, `${name}.t`)),
    ]),
  );
}

/**
 * Compacter: adapters, h + W_up f(W_down h + b) + b', whose maps are sums of Kronecker products,
 * W = sum_{i<n} A_i (x) (s_i t_i), the n matrices A_i `[n, n]` shared by all maps, s_i `[in / n, rank]` and
 * t_i `[rank, out / n]` each map's own. They read the output of self-attention and of feed-forward (Compacter), or of
 * feed-forward only (Compacter++), before the residual is added; layer norms are trained too.
 *
 * t of W_up starts at zero, so that training starts from the frozen model (the paper's starts near it); s and t otherwise
 * Glorot-uniform, A normal with deviation 0.01. Does not fold: the inside is not linear.
 *
 * Reference: Karimi Mahabadi et al. 2021 (arXiv 2106.04647), equations 4 to 6, which are followed. AdapterHub 1.3.0 has the
 * same maps with the same shared A; its gelu is not approximated (`gelu-erf`), it trains no layer norms
 * (`layerNorms: false`), and its Compacter++ reads the residual stream in place of the feed-forward's output
 * (`compacter++-residual`). With these options the numbers are equal.
 */
export const compacter: TuningMethod<CompacterConfig> = {
  name: 'compacter',
  defaults: {
    method: 'compacter',
    placement: 'compacter',
    products: 4,
    rank: 1,
    bottleneck: 32,
    activation: 'gelu',
    layerNorms: true,
  },
  options: {
    placement: z.enum(placements),
    products: z.int().min(1),
    rank: z.int().min(1),
    bottleneck: z.int().min(1),
    activation: z.enum(activationNames),
    layerNorms: z.boolean(),
  },
  startsAsIdentity: true,
  batchesRuns: true,
  usualTraining: { optimizer: 'adamw', learningRate: { adamw: 3e-2, adafactor: 1e-2 }, steps: 600 },
  shapes: compacterShapes,
  init: (model, config, rng) => {
    const shapes = compacterShapes(model.config, { ...config, layerNorms: false });
    return Promise.resolve({
      ...initialParams(shapes, rng, startOf),
      ...(config.layerNorms ? layerNormParams(model) : {}),
    });
  },
  apply: (model, { placement, activation, layerNorms }, params) => {
    const sites = compacterSites(model.config, placement);
    const maps = mapsOf(sites, params);
    const linear = (x: tf.Tensor3D, name: string): tf.Tensor3D =>
      runLinear(x, maps.get(name) as tf.Tensor3D, parameter<tf.Tensor2D>(params, `${name}.bias`));
    const intervention =
      (site: Site): Intervention =>
      (output) => {
        const inner = activate(activation, linear(output.values, `${site}.down`));
        return withValues(output, tf.add(output.values, linear(inner, `${site}.up`)));
      };
    return {
      interventions: Object.fromEntries(sites.map((site) => [site, intervention(site)])),
      prefixes: {},
      overrides: layerNorms ? layerNormOverrides(model, params) : {},
      owned: [...maps.values()],
    };
  },
};
