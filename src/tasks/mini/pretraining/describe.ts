import { plainPatternNames, plainPatterns, realise, styles } from '../patterns';
import { entry, recordFormat, writeRecord } from '../records';
import { spokenKey } from '../slotKey';
import type { PretrainingTask } from './pretrainingTask';

/** `describe join whose: record` to sentences; the two words name the style and the pattern of every slot. */
export const describe: PretrainingTask = (rng, lexicon) => {
  const facts = entry(rng, lexicon, 6);
  const style = rng.choice(styles);
  const plain = rng.choice(plainPatternNames);
  const patterns = new Map(facts.slots.map(({ key }) => [key, plainPatterns[plain](spokenKey(key))]));
  return {
    source: `describe ${style} ${plain}: ${writeRecord(facts, recordFormat(rng))}`,
    target: realise(facts, patterns, style),
  };
};
