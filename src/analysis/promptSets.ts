import type { Params } from '../tuning/method';
import type { Scaling } from '../tuning/scaling/scaling';
import { promptVectors } from './promptVectors';
import type { Vectors } from './vectors';

/** One run's prompt vectors: as trained (P), or with the scale multiplied in (s * P). */
export type PromptSet = {
  readonly method: string;
  readonly part: 'prompt' | 'scaled';
  readonly seed: number;
  readonly vectors: Vectors;
};

/**
 * The prompts of a method's runs, one set a run, and for a method with a scale a second one with the scale.
 * @throws ConfigError for a method without a prompt, or a scale that folds into none.
 */
export async function promptSets(
  config: { readonly method: string; readonly scaling?: string | Scaling },
  runs: readonly { readonly seed: number; readonly params: Params }[],
): Promise<readonly PromptSet[]> {
  const sets: PromptSet[] = [];
  for (const { seed, params } of runs) {
    const { prompt, scaled } = await promptVectors(config, params);
    sets.push({ method: config.method, part: 'prompt', seed, vectors: prompt });
    if (config.scaling !== undefined)
      sets.push({ method: config.method, part: 'scaled', seed, vectors: scaled });
  }
  return sets;
}
