import type { Random } from '../../tensor/random';
import { seenLexicon } from './names';
import { pretrainingTasks, pretrainingTaskNames, type PretrainingTaskName } from './pretraining';
import type { Pair } from './pretraining/pretrainingTask';
import { isSeparate } from './separation';

/** Weights of the pretraining tasks; a task that is not named has weight 0. */
export type Mixture = Readonly<Partial<Record<PretrainingTaskName, number>>>;

export type PretrainingExample = Pair & { readonly task: PretrainingTaskName };

/** What pretraining runs on after its warm-up: mostly tasks whose prefix has to be obeyed. */
export const defaultMixture: Mixture = {
  template: 32,
  demo: 20,
  ask: 12,
  span: 13,
  describe: 10,
  parse: 8,
  copy: 5,
};

/** What the first steps run on, until copying has formed: in the full mixture it forms late or never. */
export const warmUpMixture: Mixture = { copy: 70, template: 10, ask: 10, span: 10 };

function drawTask(rng: Random, mixture: Mixture): PretrainingTaskName {
  const total = pretrainingTaskNames.reduce((sum, task) => sum + (mixture[task] ?? 0), 0);
  let left = rng.uniform() * total;
  for (const task of pretrainingTaskNames) {
    left -= mixture[task] ?? 0;
    if (left < 0) return task;
  }
  return 'copy';
}

/** One example of a mixture. What belongs to a downstream set is drawn again (see `isSeparate`). */
export function pretrainingExample(rng: Random, mixture: Mixture = defaultMixture): PretrainingExample {
  const task = drawTask(rng, mixture);
  for (;;) {
    const pair = pretrainingTasks[task](rng, seenLexicon);
    if (isSeparate(pair.source) && isSeparate(pair.target)) return { task, ...pair };
  }
}
