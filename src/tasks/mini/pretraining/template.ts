import { chance } from '../names';
import { pattern, realise, styles } from '../patterns';
import { entryWith, recordFormat, slotKeys, writeRecord } from '../records';
import type { PretrainingTask } from './pretrainingTask';

/**
 * Patterns given in the prefix, to be followed: `food = serves * dishes ; area = in the * part ; say : record`, with
 * patterns for slots that the record lacks. After `say ordered` the phrases come in the patterns' order, else in the
 * record's.
 */
export const template: PretrainingTask = (rng, lexicon) => {
  const count = 1 + rng.integer(6);
  const keys = slotKeys(rng, lexicon, count + rng.choice([0, 0, 1, 2]));
  const patterns = new Map(rng.shuffle(keys).map((key) => [key, pattern(rng, lexicon, key)]));
  const facts = entryWith(rng, lexicon, keys.slice(0, count));
  const ordered = chance(rng, 0.5);
  const rank = [...patterns.keys()];
  const slots = ordered
    ? facts.slots.toSorted((a, b) => rank.indexOf(a.key) - rank.indexOf(b.key))
    : facts.slots;
  const style = rng.choice(styles);
  const head = [...patterns].map(([key, text]) => `${key} = ${text}`).join(' ; ');
  return {
    source: `${head} ; ${style}${ordered ? ' ordered' : ''} : ${writeRecord(facts, recordFormat(rng))}`,
    target: realise({ subject: facts.subject, slots }, patterns, style),
  };
};
