import type { Random } from '../../tensor/random';
import { seenLexicon, unseenLexicon } from './names';
import { pretrainingTasks } from './pretraining';
import type { Pair } from './pretraining/pretrainingTask';

/** The skills whose exact match says whether a prefix can steer the model. */
export const probeTasks = ['copy', 'ask', 'template', 'demo'] as const;
export type ProbeTask = (typeof probeTasks)[number];

/** `n` examples of a skill, with pretraining's words and names or with ones it never saw. */
export function probes(rng: Random, task: ProbeTask, words: 'seen' | 'unseen', n: number): Pair[] {
  const lexicon = words === 'seen' ? seenLexicon : unseenLexicon;
  return Array.from({ length: n }, () => pretrainingTasks[task](rng, lexicon));
}
