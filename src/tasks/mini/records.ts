import type { Random } from '../../tensor/random';
import { name, type Lexicon } from './names';
import { slotKey, spokenKey } from './slotKey';
import { value } from './values';

/** One fact of a record: `food[French]`. */
export type Slot = { readonly key: string; readonly value: string };

/** A subject and what is said of it. */
export type Entry = { readonly subject: string; readonly slots: readonly Slot[] };

/** `name[X], key[value]`; `X | key | value && ...`; `name : X ; key : value`; `tell(name='X Y';key=value)`. */
export type RecordFormat = 'brackets' | 'triples' | 'lines' | 'act';

const formats: readonly RecordFormat[] = [
  'brackets',
  'brackets',
  'brackets',
  'triples',
  'triples',
  'triples',
  'lines',
  'act',
];

/** A random format, brackets and triples most often. */
export function recordFormat(rng: Random): RecordFormat {
  return rng.choice(formats);
}

/** A value as an act's argument: in quotes unless it is one word. */
export function argument(text: string): string {
  return /^\w+$/.test(text) ? text : `'${text}'`;
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
    case 'act':
      return `tell(${all.map((slot) => `${slot.key}=${argument(slot.value)}`).join(';')})`;
  }
}

/** Draws how many slots a record has. */
export type SlotCount = (rng: Random) => number;

/** One to `max`, small numbers more often: long examples are slow, and hard before short ones are learned. */
export function fewSlots(rng: Random, max: number): number {
  return 1 + Math.min(rng.integer(max), rng.integer(max));
}

/** `count` random keys that differ even when they are spoken. */
export function slotKeys(rng: Random, lexicon: Lexicon, count: number): string[] {
  const keys = new Map<string, string>();
  while (keys.size < count) {
    const key = slotKey(rng, lexicon);
    keys.set(spokenKey(key), key);
  }
  return [...keys.values()];
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
  return entryWith(rng, lexicon, slotKeys(rng, lexicon, fewSlots(rng, maxSlots)));
}
