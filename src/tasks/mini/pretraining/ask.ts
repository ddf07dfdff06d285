import { entry, recordFormat, writeRecord } from '../records';
import { spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/** `what is the river stone? record` to that slot's value, now and then the subject's name. */
export const ask: PretrainingTask = (rng, lexicon) => {
  const facts = entry(rng, lexicon, 6);
  const { key, value } = rng.choice([...facts.slots, { key: 'name', value: facts.subject }]);
  return {
    source: `what is the ${spokenKey(key)}? ${writeRecord(facts, recordFormat(rng))}`,
    target: value,
  };
};
