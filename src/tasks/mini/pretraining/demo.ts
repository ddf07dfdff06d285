import { fillFrame, frame } from '../frames';
import { chance } from '../names';
import { pattern, realise, styles, type Style } from '../patterns';
import {
  entryWith,
  fewSlots,
  recordFormat,
  slotKeys,
  writeRecord,
  type Entry,
  type SlotCount,
} from '../records';
import { standsOnce } from '../statements';
import type { PretrainingTask } from './pretrainingTask';

/** Styles that show where a phrase ends, and whose sentences do not go by how many phrases there are. */
const parting: ReadonlySet<Style> = new Set<Style>([
  'list',
  'join',
  'series',
  'each',
  'again',
  'also',
  'then',
  'about',
  'this',
]);

/**
 * One worked example to be imitated: `record => sentence ; record =>`, the sentence made of a phrase for every slot or of
 * one frame; the second record may lack a slot where its phrase can be told from the others. Every value stands in the
 * example's sentence once, so that the example tells what to do.
 */
export const demoOf =
  (count: SlotCount): PretrainingTask =>
  (rng, lexicon) => {
    const format = recordFormat(rng);
    const keys = slotKeys(rng, lexicon, count(rng));
    const order = rng.shuffle(keys);
    const style = rng.choice(styles);
    const framed = chance(rng, 0.3) ? frame(rng, lexicon, keys, 0) : undefined;
    const patterns = new Map(keys.map((key) => [key, pattern(rng, lexicon, key)]));
    const say = (facts: Entry): string => {
      if (framed !== undefined) return fillFrame(framed, facts);
      const slots = facts.slots.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
      return realise({ subject: facts.subject, slots }, patterns, style);
    };
    const mayLack =
      framed === undefined &&
      keys.length > 1 &&
      parting.has(style) &&
      ![...patterns.values()].some((phrase) => phrase.includes(' and '));
    const missing = mayLack && chance(rng, 0.3) ? rng.choice(keys) : undefined;
    const asked = entryWith(
      rng,
      lexicon,
      keys.filter((key) => key !== missing),
    );
    for (;;) {
      const shown = entryWith(rng, lexicon, keys);
      const told = say(shown);
      if (!shown.slots.every(({ value }) => standsOnce(value, told))) continue;
      return {
        source: `${writeRecord(shown, format)} => ${told} ; ${writeRecord(asked, format)} =>`,
        target: say(asked),
      };
    }
  };

export const demo = demoOf((rng) => fewSlots(rng, 4));
