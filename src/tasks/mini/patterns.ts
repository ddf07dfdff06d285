import type { Random } from '../../tensor/random';
import type { Lexicon } from './names';
import type { Entry } from './records';
import { spokenKey } from './slotKey';

/** Where a pattern takes its value: one mark, so that it costs one token. */
export const hole = '*';

/** How phrases become sentences; the words that ask for them in a prefix. */
export const styles = ['say', 'list', 'join', 'series', 'split', 'each', 'aside'] as const;
export type Style = (typeof styles)[number];

/** Patterns that any slot can take; the words that ask for them in a prefix. */
export const plainPatterns = {
  has: (key: string) => `has a ${key} of ${hole}`,
  with: (key: string) => `with ${key} ${hole}`,
  whose: (key: string) => `whose ${key} is ${hole}`,
  its: (key: string) => `its ${key} is ${hole}`,
  having: (key: string) => `having ${hole} as ${key}`,
} as const;
export type PlainPattern = keyof typeof plainPatterns;
export const plainPatternNames = Object.keys(plainPatterns) as readonly PlainPattern[];

/** `serve` to `serves`. */
export function thirdPerson(verb: string): string {
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
  return verb + (/(?:s|x|z|ch|sh|o)$/.test(verb) ? 'es' : 's');
}

/** `serve` to `served`, the regular way for every verb. */
export function past(verb: string): string {
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return verb + (verb.endsWith('e') ? 'd' : 'ed');
}

/** A random pattern for a slot, of words that need have nothing to do with the slot's name. */
export function pattern(rng: Random, { words, verbs }: Lexicon, key: string): string {
  const a = rng.choice(words);
  const b = rng.choice(words);
  const verb = rng.choice(verbs);
  return rng.choice([
    hole,
    `${a} ${hole}`,
    `${hole} ${a} ${b}`,
    `${a} ${b} of ${hole}`,
    `a ${hole} ${a}`,
    `in the ${hole} ${a}`,
    `at ${hole} ${a}`,
    `for ${a} and ${hole}`,
    `with ${a} ${b} ${hole}`,
    `with a ${spokenKey(key)} of ${hole}`,
    `the ${spokenKey(key)} is ${hole}`,
    `has ${hole} ${a}`,
    `is a ${hole} ${a} ${b}`,
    `${thirdPerson(verb)} ${hole} ${b}`,
    `now ${thirdPerson(verb)} ${hole}`,
    `you ${verb} it on ${hole}`,
    `can ${verb} the ${b} at ${hole}`,
    `${past(verb)} near ${hole}`,
    `is ${past(verb)} by ${hole}`,
    `was ${past(verb)} from ${hole} ${b}`,
  ]);
}

/** A pattern with its value. */
export function fill(template: string, value: string): string {
  return template.replace(hole, () => value);
}

/** Phrases about a subject as one or more sentences. */
export function sentence(subject: string, phrases: readonly string[], style: Style): string {
  const [first = '', ...rest] = phrases;
  switch (style) {
    case 'say':
      return `${subject} ${phrases.join(' ')}.`;
    case 'list':
      return `${subject} ${phrases.join(', ')}.`;
    case 'join':
      return `${subject} ${phrases.join(' and ')}.`;
    case 'series':
      return rest.length === 0
        ? `${subject} ${first}.`
        : `${subject} ${phrases.slice(0, -1).join(', ')} and ${phrases.at(-1)}.`;
    case 'split': {
      const half = Math.max(1, Math.floor(phrases.length / 2));
      const head = `${subject} ${phrases.slice(0, half).join(' ')}.`;
      return rest.length === 0 ? head : `${head} It ${phrases.slice(half).join(' ')}.`;
    }
    case 'each':
      return [`${subject} ${first}.`, ...rest.map((phrase) => `It ${phrase}.`)].join(' ');
    case 'aside':
      return rest.length === 0 ? `${subject}, ${first}.` : `${subject}, ${first}, ${rest.join(' ')}.`;
  }
}

/** An entry as sentences, each slot by its pattern, in the order of the entry's slots. */
export function realise(entry: Entry, patterns: ReadonlyMap<string, string>, style: Style): string {
  const phrases = entry.slots.map(({ key, value }) => fill(patterns.get(key) ?? hole, value));
  return sentence(entry.subject, phrases, style);
}
