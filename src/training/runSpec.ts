import { ConfigError } from '../errors';
import type { EncodedExample } from '../model/batch';
import type { ExampleSource } from './examples';
import type { Json } from './runStore';
import { type TrainConfig, trainConfig, type TrainConfigInput } from './trainConfig';

/**
 * One run of a population: its seed, its data, and where it differs from the population's configuration. The dev split
 * chooses the best parameters and is never the test split.
 */
export type RunSpec<Config extends object = object> = {
  readonly seed: number;
  readonly train: ExampleSource;
  readonly dev?: readonly EncodedExample[];
  /** What the run is called, in progress and as its folder; `seed-S` where it is not given. */
  readonly name?: string;
  /** Where the run's configuration of the method differs: its prompt's length, initial values, scaling, ... */
  readonly method?: Partial<Config>;
  /** Where its training differs: learning rates, steps, ... */
  readonly training?: Partial<TrainConfigInput>;
  /** What its config.json says beside the population's context. */
  readonly context?: Readonly<Record<string, Json>>;
};

/** A run with all that it is trained by. */
export type Run = Pick<RunSpec, 'seed' | 'train' | 'dev'> & {
  readonly name: string;
  readonly methodConfig: object;
  readonly training: TrainConfig;
  readonly context: Readonly<Record<string, Json>>;
};

/**
 * The runs with their whole configurations.
 * @throws ConfigError naming the run that cannot be trained, or the key that is wrong.
 */
export function resolveRuns<Config extends object>(
  specs: readonly RunSpec<Config>[],
  methodConfig: Config,
  training: TrainConfigInput,
  context: Readonly<Record<string, Json>>,
): readonly Run[] {
  if (specs.length === 0) throw new ConfigError('training: there must be at least one run');
  const runs = specs.map((spec): Run => {
    const { seed, train, dev, name = `seed-${seed}` } = spec;
    if (!Number.isSafeInteger(seed))
      throw new ConfigError(`training: a seed must be an integer; found ${seed}`);
    return {
      name,
      seed,
      train,
      ...(dev === undefined ? {} : { dev }),
      methodConfig: { ...methodConfig, ...spec.method },
      training: trainConfig({ ...training, ...spec.training }),
      context: { ...context, ...spec.context },
    };
  });
  const names = runs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(`training: names of runs must differ; ${twice} stands twice`);
  const path = names.find((name) => !/^[\w+-][\w.,+-]*$/.test(name) || name === 'checkpoint');
  if (path !== undefined)
    throw new ConfigError(
      `training: a run's name must do for a folder: letters, digits and _ . , + -, not 'checkpoint'; found '${path}'`,
    );
  for (const run of runs) checkData(run, runs[0]?.dev !== undefined);
  return runs;
}

function checkData({ name, train, dev }: Run, withDev: boolean): void {
  if ('length' in train && train.length === 0)
    throw new ConfigError(`training: ${name}: the training split is empty`);
  if (dev?.length === 0) throw new ConfigError(`training: ${name}: the dev split is empty`);
  const lists = [...('length' in train ? [train] : []), ...(dev === undefined ? [] : [dev])];
  if (
    lists.some((list) => list.some((example) => example.source.length === 0 || example.target.length === 0))
  )
    throw new ConfigError(`training: ${name}: every source and target must have at least its end token`);
  if ((dev !== undefined) !== withDev)
    throw new ConfigError(`training: ${name}: all runs of a population must have a dev split, or none`);
}
