import { fillFrame, frame as drawFrame } from '../frames';
import { chance } from '../names';
import { entryWith, fewSlots, recordFormat, slotKeys, writeRecord } from '../records';
import type { PretrainingTask } from './pretrainingTask';

/**
 * A whole text given in the prefix, its holes to be filled: `write {name} is a {river} lake (near {stone}) . : record`.
 * Parts in parentheses fall away where the record lacks their slot.
 */
export const frame: PretrainingTask = (rng, lexicon) => {
  const keys = slotKeys(rng, lexicon, fewSlots(rng, 7));
  const optional = chance(rng, 0.4) ? 1 + rng.integer(2) : 0;
  const text = drawFrame(rng, lexicon, keys, optional);
  const needless = new Set([...text.matchAll(/\([^()]*\{([^}]+)\}[^()]*\)/g)].map(([, key]) => key));
  const facts = entryWith(
    rng,
    lexicon,
    keys.filter((key) => !needless.has(key) || chance(rng, 0.5)),
  );
  return {
    source: `write ${text} : ${writeRecord(facts, recordFormat(rng))}`,
    target: fillFrame(text, facts),
  };
};
