import type { z } from 'zod';
import { CheckpointError } from '../errors';
import type { T5Config } from '../model/config';
import type { Tuning } from '../model/sites';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';

/** One run's parameters by name; of several runs each tensor has a leading axis `[runs, ...]`. */
export type Params<Name extends string = string> = Readonly<Record<Name, tf.Tensor>>;

/** Parameters of several runs: each tensor is `[runs, ...]`. */
export type StackedParams<Name extends string = string> = Params<Name>;

/** Shapes of one run's parameters by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * How a method is trained where the user does not say. AdamW's rates and the steps are what the searches on the mini sets' dev
 * splits found (`spt sweep prompt-search` and `method-rates`; their tables are on the mini model's card), Adafactor's what
 * papers and libraries use; a larger model may want others.
 */
export type UsualTraining = {
  readonly optimizer: 'adafactor' | 'adamw';
  /** With that optimizer; where it is not said, the optimizer's own. */
  readonly weightDecay?: number;
  /** The learning rate that suits each optimizer. */
  readonly learningRate: Readonly<Record<'adafactor' | 'adamw', number>>;
  /** Parameters with a rate of their own, as a multiple of the learning rate. */
  readonly relativeRates?: Readonly<Record<string, number>>;
  readonly steps: number;
};

/** What a trained run folds into: the same function of the input, as another method's (or a simpler form's) run. */
export type Folded = {
  readonly method: TuningMethod;
  readonly config: object;
  readonly params: Params;
};

/**
 * A tuning method: pure functions and what is true of it.
 *
 * The frozen model sees rows, a method sees runs: activations arrive as `[runs x batch, length, d]`, run-major, and only
 * the method reshapes between the two, so each run's numbers equal those it has alone.
 */
export interface TuningMethod<Config extends object = object, Name extends string = string> {
  /** The name on the command line and in configs, e.g. `scaled-prompt-tuning`. */
  readonly name: string;
  readonly defaults: Config;
  /** What each key of the configuration but `method` must be. */
  readonly options: Readonly<Record<string, z.ZodType>>;
  /** Untrained logits equal the frozen model's. */
  readonly startsAsIdentity: boolean;
  /** Runs can share one batched step. Where false (Fine-Tuning), a population runs one after the other. */
  readonly batchesRuns: boolean;
  /** Runs of different configurations can, too: all that the method does are interventions (see `joinTunings`). */
  readonly batchesConfigs?: boolean;
  readonly usualTraining: UsualTraining;
  /** Shapes of one run's parameters, trained and kept, from the model's shape alone. */
  shapes(shape: T5Config, config: Config): Shapes;
  /** Names of the parameters that stay as they start; they are stored with the run. */
  frozen?(config: Config): readonly string[];
  /** One run's parameters before training (they may come from a file). The caller owns them. */
  init(model: T5, config: Config, rng: Random): Promise<Params<Name>>;
  /** What the parameters do to the frozen model. */
  apply(model: T5, config: Config, params: StackedParams<Name>): Tuning;
  /** One run in a plainer form, where there is one; see the method for what it folds into or why it does not. */
  fold?(model: T5, config: Config, params: Params<Name>): Folded;
}

/** How many numbers a method trains on a model of a shape. */
export function parameterCount<Config extends object>(
  method: TuningMethod<Config>,
  shape: T5Config,
  config: Config,
): number {
  const frozen = method.frozen?.(config) ?? [];
  return Object.entries(method.shapes(shape, config))
    .filter(([name]) => !frozen.includes(name))
    .reduce((sum, [, own]) => sum + tf.util.sizeFromShape([...own]), 0);
}

/** A parameter by name. Throws CheckpointError where a run's file lacks it. */
export function parameter<T extends tf.Tensor>(params: Params, name: string): T {
  const tensor = params[name];
  if (tensor === undefined)
    throw new CheckpointError(`the run has no parameter '${name}'; it has ${Object.keys(params).join(', ')}`);
  return tensor as T;
}

/** Frees what `apply` made for a tuning; the parameters stay the caller's. */
export function disposeTuning({ overrides, prefixes, owned }: Tuning): void {
  tf.dispose(Object.values(overrides));
  tf.dispose([...(owned ?? [])]);
  for (const prefix of Object.values(prefixes)) if (typeof prefix !== 'function') tf.dispose(prefix);
}
