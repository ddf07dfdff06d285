import type { Random } from '../../tensor/random';
import { seenLexicon, unseenLexicon } from './names';
import { askAbout } from './pretraining/ask';
import { copy } from './pretraining/copy';
import { demoOf } from './pretraining/demo';
import type { Pair, PretrainingTask } from './pretraining/pretrainingTask';
import { templateFor } from './pretraining/template';

/** The skills whose exact match says whether a prefix can steer the model. */
export const probeTasks = ['copy', 'ask', 'template', 'demo'] as const;
export type ProbeTask = (typeof probeTasks)[number];

/** The skills' examples: every number of slots equally often, whatever pretraining prefers. */
const tasks: Readonly<Record<ProbeTask, PretrainingTask>> = {
  copy,
  ask: askAbout((rng) => 1 + rng.integer(6)),
  template: templateFor((rng) => 1 + rng.integer(6)),
  demo: demoOf((rng) => 1 + rng.integer(4)),
};

/** `n` examples of a skill, with pretraining's words and names or with ones it never saw. */
export function probes(rng: Random, task: ProbeTask, words: 'seen' | 'unseen', n: number): Pair[] {
  const lexicon = words === 'seen' ? seenLexicon : unseenLexicon;
  return Array.from({ length: n }, () => tasks[task](rng, lexicon));
}
