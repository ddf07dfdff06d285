import { entryWith, recordFormat, slotKeys, writeRecord, type SlotCount } from '../records';
import { spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/** `what is the river stone? record` to that slot's value, now and then the subject's name. */
export const askAbout =
  (count: SlotCount): PretrainingTask =>
  (rng, lexicon) => {
    const facts = entryWith(rng, lexicon, slotKeys(rng, lexicon, count(rng)));
    const { key, value } = rng.choice([...facts.slots, { key: 'name', value: facts.subject }]);
    return {
      source: `what is the ${spokenKey(key)}? ${writeRecord(facts, recordFormat(rng))}`,
      target: value,
    };
  };

export const ask = askAbout((rng) => 1 + rng.integer(7));
