import { chance } from '../names';
import { pattern, realise, styles } from '../patterns';
import { entryWith, recordFormat, slotKeys, writeRecord, type Entry } from '../records';
import type { PretrainingTask } from './pretrainingTask';

/** One worked example to be imitated: `record => sentence ; record =>`; the second record may lack a slot. */
export const demo: PretrainingTask = (rng, lexicon) => {
  const keys = slotKeys(rng, lexicon, 1 + rng.integer(4));
  const order = rng.shuffle(keys);
  const patterns = new Map(keys.map((key) => [key, pattern(rng, lexicon, key)]));
  const style = rng.choice(styles);
  const format = recordFormat(rng);
  const say = ({ subject, slots }: Entry): string => {
    const inOrder = slots.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
    return realise({ subject, slots: inOrder }, patterns, style);
  };
  const shown = entryWith(rng, lexicon, keys);
  const missing = keys.length > 1 && chance(rng, 0.2) ? rng.choice(keys) : undefined;
  const asked = entryWith(
    rng,
    lexicon,
    keys.filter((key) => key !== missing),
  );
  return {
    source: `${writeRecord(shown, format)} => ${say(shown)} ; ${writeRecord(asked, format)} =>`,
    target: say(asked),
  };
};
