import { expectedWeights } from '../model/checkpoint';
import type { T5Config } from '../model/config';
import type { Tuning, WeightName } from '../model/sites';
import type { T5 } from '../model/t5';
import { parameter, type Params, type Shapes, type StackedParams } from './method';

/** The names of every layer norm's weight: before each sublayer and at the end of both stacks. */
function normNames(shape: T5Config): readonly WeightName[] {
  return [...expectedWeights(shape).keys()].filter((name) => name.endsWith('layer_norm.weight'));
}

/** Shapes of trained layer norms, under the weights' own names. */
export function layerNormShapes(shape: T5Config): Shapes {
  return Object.fromEntries(normNames(shape).map((name) => [name, [shape.dModel]]));
}

/** Trained layer norms before training: the frozen ones. The caller owns them. */
export function layerNormParams(model: T5): Params {
  const frozen = Object.fromEntries(model.weights);
  return Object.fromEntries(normNames(model.config).map((name) => [name, parameter(frozen, name).clone()]));
}

/** Each run's layer norms in the frozen ones' place, `[runs, dModel]`; the tuning gets handles of its own. */
export function layerNormOverrides(model: T5, params: StackedParams): Tuning['overrides'] {
  return Object.fromEntries(normNames(model.config).map((name) => [name, parameter(params, name).clone()]));
}
