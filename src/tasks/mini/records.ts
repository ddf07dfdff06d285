import type { Random } from '../../tensor/random';
import { name, type Lexicon } from './names';
import { slotKey } from './slotKey';
import { value } from './values';

/** One fact of a record: `food[French]`. */
export type Slot = { readonly key: string; readonly value: string };

/** A subject and what is said of it. */
export type Entry = { readonly subject: string; readonly slots: readonly Slot[] };

/** `name[X], key[value]`; `X | key | value && ...`; `name : X ; key : value`. */
export type RecordFormat = 'brackets' | 'triples' | 'lines';

const formats: readonly RecordFormat[] = ['brackets', 'brackets', 'brackets', 'triples', 'triples', 'lines'];

/** A random format, brackets most often. */
export function recordFormat(rng: Random): RecordFormat {
  return rng.choice(formats);
}

/** Writes an entry as text in a format. */
export function writeRecord({ subject, slots }: Entry, format: RecordFormat): string {
  const all = [{ key: 'name', value: subject }, ...slots];
  switch (format) {
    case 'brackets':
      return all.map((slot) => `${slot.key}[${slot.value}]`).join(', ');
    case 'triples':
      return slots.map((slot) => `${subject} | ${slot.key} | ${slot.value}`).join(' && ');
    case 'lines':
      return all.map((slot) => `${slot.key} : ${slot.value}`).join(' ; ');
  }
}

/** `count` different random keys. */
export function slotKeys(rng: Random, lexicon: Lexicon, count: number): string[] {
  const keys = new Set<string>();
  while (keys.size < count) keys.add(slotKey(rng, lexicon));
  return [...keys];
}

/** A random entry with the given keys. */
export function entryWith(rng: Random, lexicon: Lexicon, keys: readonly string[]): Entry {
  return {
    subject: name(rng, lexicon),
    slots: keys.map((key) => ({ key, value: value(rng, lexicon) })),
  };
}

/** A random entry of one to `maxSlots` slots. */
export function entry(rng: Random, lexicon: Lexicon, maxSlots: number): Entry {
  return entryWith(rng, lexicon, slotKeys(rng, lexicon, 1 + rng.integer(maxSlots)));
}
