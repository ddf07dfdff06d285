import { tf } from '../tensor/backend';
import type { Params, StackedParams } from './method';

/** Several runs' parameters as one population: each tensor `[...]` becomes `[runs, ...]`. The caller owns the result. */
export function stackParams<Name extends string>(runs: readonly Params<Name>[]): StackedParams<Name> {
  const names = Object.keys(runs[0] ?? {}) as Name[];
  return Object.fromEntries(
    names.map((name) => [name, tf.stack(runs.map((run) => run[name]))]),
  ) as StackedParams<Name>;
}

/** One run's parameters out of a population's. The caller owns the result. */
export function unstackParams<Name extends string>(stacked: StackedParams<Name>, run: number): Params<Name> {
  const names = Object.keys(stacked) as Name[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      tf.tidy(() => tf.gather<tf.Tensor>(stacked[name], tf.tensor1d([run], 'int32')).squeeze<tf.Tensor>([0])),
    ]),
  ) as Params<Name>;
}
