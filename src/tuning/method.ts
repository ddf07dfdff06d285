import type { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';
import type { Tuning } from '../model/sites';
import type { T5 } from '../model/t5';

/** One run's parameters by name; of several runs each tensor has a leading axis `[runs, ...]`. */
export type Params<Name extends string = string> = Readonly<Record<Name, tf.Tensor>>;

/** Parameters of several runs: each tensor is `[runs, ...]`. */
export type StackedParams<Name extends string = string> = Params<Name>;

/**
 * A tuning method: two pure functions and what is true of it.
 *
 * The frozen model sees rows, a method sees runs: activations arrive as `[runs x batch, length, d]`, run-major, and only
 * the method reshapes between the two, so each run's numbers equal those it has alone.
 */
export interface TuningMethod<Config extends object = object, Name extends string = string> {
  /** The name on the command line and in configs, e.g. `scaled-prompt-tuning`. */
  readonly name: string;
  readonly defaults: Config;
  /** Untrained logits equal the frozen model's. */
  readonly startsAsIdentity: boolean;
  /** Runs can share one batched step. Where false (Fine-Tuning), a population runs one after the other. */
  readonly batchesRuns: boolean;
  /** One run's parameters before training (they may come from a file). The caller owns them. */
  init(model: T5, config: Config, rng: Random): Promise<Params<Name>>;
  /** What the parameters do to the frozen model. */
  apply(model: T5, config: Config, params: StackedParams<Name>): Tuning;
}
