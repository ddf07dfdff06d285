import type { Random } from '../../tensor/random';
import { chance, novelLexicon, seenLexicon, type Lexicon } from './names';
import { pretrainingTasks, pretrainingTaskNames, type PretrainingTaskName } from './pretraining';
import type { Pair } from './pretraining/pretrainingTask';
import { downstreamDomains, isSeparate } from './separation';
import { spokenKey } from './slotKey';

/** Weights of the pretraining tasks; a task that is not named has weight 0. */
export type Mixture = Readonly<Partial<Record<PretrainingTaskName, number>>>;

export type PretrainingExample = Pair & { readonly task: PretrainingTaskName };

/** What pretraining runs on after its warm-up: mostly tasks whose prefix has to be obeyed. */
export const defaultMixture: Mixture = {
  template: 26,
  demo: 18,
  frame: 8,
  ask: 10,
  chain: 7,
  act: 4,
  question: 5,
  summary: 3,
  span: 5,
  describe: 4,
  parse: 4,
  copy: 6,
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

const reserved: ReadonlySet<string> = new Set(
  downstreamDomains.flatMap(({ keys }) => keys.flatMap((key) => [key, spokenKey(key)])),
);
const plainWords: Lexicon = { ...seenLexicon, reserved };
const novelWords: Lexicon = { ...novelLexicon, reserved };

/** The share of examples in which many words are made up. */
const novelShare = 0.3;

/** Draws after which a task is said to have nothing that may be shown. */
const maxDraws = 1000;

/**
 * One example of a mixture, without the slot names of the downstream sets; what else belongs to one of them is drawn again
 * (see `isSeparate`).
 */
export function pretrainingExample(rng: Random, mixture: Mixture = defaultMixture): PretrainingExample {
  const task = drawTask(rng, mixture);
  const lexicon = chance(rng, novelShare) ? novelWords : plainWords;
  for (let i = 0; i < maxDraws; i++) {
    const pair = pretrainingTasks[task](rng, lexicon);
    if (isSeparate(pair.source) && isSeparate(pair.target)) return { task, ...pair };
  }
  throw new Error(
    `pretraining task ${task}: examples must keep apart from the downstream sets; found none in ${maxDraws} draws`,
  );
}
