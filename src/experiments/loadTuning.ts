import { isDeepStrictEqual } from 'node:util';
import { CheckpointError } from '../errors';
import type { Tuning } from '../model/sites';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { loadAdapter, type RunConfig } from '../training/runStore';
import { methodNamed } from '../tuning';
import { disposeTuning } from '../tuning/method';
import { stackParams } from '../tuning/stack';

/** What a finished run does to the model, until it is disposed. */
export type LoadedTuning = { readonly tuning: Tuning; dispose(): void };

/** Throws CheckpointError if a run was trained on a model of another shape. */
export function checkTrainedOn(model: T5, folder: string, config: RunConfig): void {
  if (!isDeepStrictEqual(config.model.config, JSON.parse(JSON.stringify(model.config))))
    throw new CheckpointError(`${folder}: the run was trained on another model than the one loaded`);
}

/**
 * Loads a finished run's adapter for a model; `own` gives what a config.json cannot hold, a scaling of one's own.
 * @throws CheckpointError if the folder holds none, or another model's.
 */
export async function loadTuning(
  model: T5,
  folder: string,
  own: Readonly<Record<string, unknown>> = {},
): Promise<LoadedTuning> {
  const { config, params } = await loadAdapter(folder);
  try {
    checkTrainedOn(model, folder, config);
    const stacked = stackParams([params]);
    const tuning = methodNamed(config.method.method).apply(model, { ...config.method, ...own }, stacked);
    return {
      tuning,
      dispose: () => {
        tf.dispose(stacked);
        disposeTuning(tuning);
      },
    };
  } finally {
    tf.dispose(params);
  }
}
