import type { T5Config } from '../model/config';
import { blocks, feedForwards, selfAttentionNames } from '../model/layers';
import type { Site } from '../model/sites';
import { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';
import { activate, type ActivationName } from './activation';
import { linearValues } from './initialValues';
import type { Shapes, StackedParams } from './method';
import { namedLinear } from './runLinear';

/** Sites after self-attention and feed-forward, before the residual is added. */
export function sublayerSites(shape: T5Config): readonly Site[] {
  return blocks(shape).flatMap(({ stack, block }): Site[] => [
    `${selfAttentionNames(stack, block).site}.output`,
    `${stack}.${block}.feedForward.output`,
  ]);
}

/** Sites after feed-forward, before the residual is added. */
export function feedForwardSites(shape: T5Config): readonly Site[] {
  return feedForwards(shape).map(({ site }): Site => `${site}.output`);
}

/** Sites after a whole block: the residual stream. */
export function blockSites(shape: T5Config): readonly Site[] {
  return blocks(shape).map(({ stack, block }): Site => `${stack}.${block}.output`);
}

/** Width inside a bottleneck: dModel over the reduction, at least 1. */
export function bottleneckWidth(shape: T5Config, reduction: number): number {
  return Math.max(1, Math.floor(shape.dModel / reduction));
}

/** Shapes of a bottleneck's two maps and their biases. */
export function bottleneckShapes(site: Site, dModel: number, width: number): Shapes {
  return {
    [`${site}.down.weight`]: [width, dModel],
    [`${site}.down.bias`]: [width],
    [`${site}.up.weight`]: [dModel, width],
    [`${site}.up.bias`]: [dModel],
  };
}

/** The first map as any linear one starts, all else zero: nothing is added at first. */
export function bottleneckValues(name: string, shape: readonly number[], rng: Random): tf.Tensor {
  return name.endsWith('.down.weight') ? linearValues(shape, rng) : tf.zeros([...shape]);
}

/** W_up f(W_down x + b) + b': what is added to x. `[rows, length, dModel]` both. */
export function bottleneckUpdate(
  params: StackedParams,
  site: Site,
  activation: ActivationName,
  x: tf.Tensor3D,
): tf.Tensor3D {
  return namedLinear(params, `${site}.up`, activate(activation, namedLinear(params, `${site}.down`, x)));
}
