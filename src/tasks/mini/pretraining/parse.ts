import { parsablePatternNames, plainPatterns, realise, styles } from '../patterns';
import { entry, recordFormat, writeRecord } from '../records';
import { spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/**
 * `parse triples: sentences` to the record in that format, slots in the sentences' order and keys as words, since
 * sentences do not tell how a key was written.
 */
export const parse: PretrainingTask = (rng, lexicon) => {
  const drawn = entry(rng, lexicon, 5);
  const facts = {
    subject: drawn.subject,
    slots: drawn.slots.map(({ key, value }) => ({ key: spokenKey(key), value })),
  };
  const patterns = new Map(
    facts.slots.map(({ key }) => [key, plainPatterns[rng.choice(parsablePatternNames)](key)]),
  );
  const format = recordFormat(rng);
  return {
    source: `parse ${format}: ${realise(facts, patterns, rng.choice(styles))}`,
    target: writeRecord(facts, format),
  };
};
