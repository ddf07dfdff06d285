import { article, chance, word } from '../names';
import { pattern, realise, styles } from '../patterns';
import { entryWith, fewSlots, recordFormat, slotKeys, writeRecord, type SlotCount } from '../records';
import type { PretrainingTask } from './pretrainingTask';

/**
 * Patterns given in the prefix, to be followed: `food = serves * dishes ; area = in the * part ; say : record`, with
 * patterns for slots that the record lacks, and now and then one for each answer of a yes-or-no slot (`river yes = is
 * wide ; river no = is not wide`). After `say ordered` the phrases come in the patterns' order, else in the record's.
 */
export const templateFor =
  (slotCount: SlotCount): PretrainingTask =>
  (rng, lexicon) => {
    const count = slotCount(rng);
    const keys = slotKeys(rng, lexicon, count + (count < 5 ? rng.choice([0, 0, 0, 1, 2]) : 0));
    const drawn = entryWith(rng, lexicon, keys.slice(0, count));
    const answered = chance(rng, 0.15) ? rng.choice(drawn.slots).key : undefined;
    const facts = {
      subject: drawn.subject,
      slots: drawn.slots.map((slot) =>
        slot.key === answered ? { key: slot.key, value: rng.choice(['yes', 'no']) } : slot,
      ),
    };
    const patterns = new Map<string, string>();
    const rank = rng.shuffle(keys);
    for (const key of rank) {
      if (key === answered) {
        const described = chance(rng, 0.5)
          ? `${word(rng, lexicon)} ${word(rng, lexicon)}`
          : word(rng, lexicon);
        const [yes, no] = rng.choice([
          [`is ${described}`, `is not ${described}`],
          [`has ${article(described)}`, `has no ${described}`],
          [described, `without ${described}`],
          [`is ${described}`, `is ${word(rng, lexicon)}`],
        ] as const);
        patterns.set(`${key} yes`, yes).set(`${key} no`, no);
      } else {
        patterns.set(key, pattern(rng, lexicon, key));
      }
    }
    const ordered = chance(rng, 0.5);
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

export const template = templateFor((rng) => fewSlots(rng, 7));
