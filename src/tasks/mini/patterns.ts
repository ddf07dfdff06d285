import type { Random } from '../../tensor/random';
import { article, verb, word, type Lexicon } from './names';
import { series } from './phrases';
import type { Entry } from './records';
import { spokenKey } from './slotKey';

/** Where a pattern takes its value: one mark, so that it costs one token. */
export const hole = '*';

/** How phrases become sentences; the words that ask for them in a prefix. */
export const styles = [
  'say',
  'list',
  'join',
  'series',
  'split',
  'each',
  'aside',
  'again',
  'also',
  'which',
  'then',
  'pairs',
  'about',
  'this',
] as const;
export type Style = (typeof styles)[number];

/** Patterns that any slot can take; the words that ask for them in a prefix. */
export const plainPatterns = {
  has: (key: string) => `has ${article(key)} of ${hole}`,
  with: (key: string) => `with ${key} ${hole}`,
  whose: (key: string) => `whose ${key} is ${hole}`,
  its: (key: string) => `its ${key} is ${hole}`,
  having: (key: string) => `having ${hole} as ${key}`,
  owns: (key: string) => `owns ${hole} as ${key}`,
  by: (key: string) => `known by the ${key} ${hole}`,
  where: (key: string) => `where ${hole} is the ${key}`,
  called: (key: string) => `with ${article(key)} called ${hole}`,
  counts: (key: string) => `counts ${hole} for ${key}`,
} as const;
export type PlainPattern = keyof typeof plainPatterns;
export const plainPatternNames = Object.keys(plainPatterns) as readonly PlainPattern[];

/** The plain patterns that show where a key and a value begin and end, so that sentences can be parsed. */
export const parsablePatternNames = plainPatternNames.filter((name) => name !== 'with' && name !== 'by');

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

/** What a pattern is made of: two words, a verb and the key as words. */
type Parts = { readonly a: string; readonly b: string; readonly v: string; readonly key: string };

const shapes: readonly ((parts: Parts) => string)[] = [
  () => hole,
  ({ a }) => `${a} ${hole}`,
  ({ a }) => `${hole} ${a}`,
  ({ a, b }) => `${hole} ${a} ${b}`,
  ({ a, b }) => `${a} ${b} ${hole}`,
  ({ a, b }) => `${a} ${b} of ${hole}`,
  ({ a }) => `the ${a} of ${hole}`,
  ({ a }) => `a ${hole} ${a}`,
  ({ a }) => `is a ${hole} ${a}`,
  ({ a }) => `is ${article(a)} of ${hole}`,
  ({ a }) => `is the ${a} of ${hole}`,
  ({ a, b }) => `is a ${hole} ${a} ${b}`,
  ({ a }) => `is ${a} for ${hole}`,
  ({ a }) => `is not ${a} but ${hole}`,
  ({ a }) => `in the ${hole} ${a}`,
  ({ a }) => `in the ${a} of ${hole}`,
  ({ a }) => `at ${hole} ${a}`,
  ({ a }) => `on the ${a} ${hole}`,
  ({ a }) => `under ${hole} and ${a}`,
  ({ a }) => `from ${hole} to the ${a}`,
  ({ a }) => `for ${a} and ${hole}`,
  ({ a }) => `with a ${hole} ${a}`,
  ({ a, b }) => `with ${a} ${b} ${hole}`,
  ({ key }) => `with ${article(key)} of ${hole}`,
  ({ key }) => `the ${key} is ${hole}`,
  ({ key }) => `has ${hole} ${key}`,
  ({ key }) => `its ${key} will be ${hole}`,
  ({ a }) => `has ${hole} ${a}`,
  ({ a, b }) => `has ${article(a)} ${b} of ${hole}`,
  ({ a }) => `has ${article(a)} called ${hole}`,
  ({ v, b }) => `${thirdPerson(v)} ${hole} ${b}`,
  ({ v, a }) => `${thirdPerson(v)} the ${a} ${hole}`,
  ({ v, a }) => `${thirdPerson(v)} the ${a} of ${hole}`,
  ({ v }) => `now ${thirdPerson(v)} ${hole}`,
  ({ v, b }) => `that ${thirdPerson(v)} ${hole} ${b}`,
  ({ v }) => `which ${thirdPerson(v)} ${hole}`,
  ({ v }) => `you ${v} it on ${hole}`,
  ({ v, b }) => `can ${v} the ${b} at ${hole}`,
  ({ v }) => `can be ${past(v)} by ${hole}`,
  ({ v }) => `will ${v} ${hole}`,
  ({ v, a }) => `to ${v} ${hole} ${a}`,
  ({ v }) => `${past(v)} near ${hole}`,
  ({ v, a }) => `${past(v)} ${hole} in the ${a}`,
  ({ v }) => `is ${past(v)} by ${hole}`,
  ({ v, b }) => `was ${past(v)} from ${hole} ${b}`,
  ({ v }) => `was ${past(v)} on ${hole}`,
  ({ v, a }) => `people ${v} its ${a} ${hole}`,
  ({ a, b }) => `as ${a} as ${hole} ${b}`,
];

/** A random pattern for a slot, of words that need have nothing to do with the slot's name. */
export function pattern(rng: Random, lexicon: Lexicon, key: string): string {
  const parts = { a: word(rng, lexicon), b: word(rng, lexicon), v: verb(rng, lexicon), key: spokenKey(key) };
  return rng.choice(shapes)(parts);
}

/** A pattern with its value; an article right before the hole goes by the value. */
export function fill(template: string, value: string): string {
  return template.replace(/(?:\ba )?\*/, (found) => (found === hole ? value : article(value)));
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
      return `${subject} ${series(phrases)}.`;
    case 'split': {
      const half = Math.max(1, Math.floor(phrases.length / 2));
      const head = `${subject} ${phrases.slice(0, half).join(' ')}.`;
      return rest.length === 0 ? head : `${head} It ${phrases.slice(half).join(' ')}.`;
    }
    case 'each':
      return [`${subject} ${first}.`, ...rest.map((phrase) => `It ${phrase}.`)].join(' ');
    case 'aside':
      return rest.length === 0 ? `${subject}, ${first}.` : `${subject}, ${first}, ${rest.join(' ')}.`;
    case 'again':
      return phrases.map((phrase) => `${subject} ${phrase}.`).join(' ');
    case 'also':
      return [`${subject} ${first}.`, ...rest.map((phrase) => `It also ${phrase}.`)].join(' ');
    case 'which':
      return rest.length === 0 ? `${subject} ${first}.` : `${subject}, which ${first}, ${series(rest)}.`;
    case 'then':
      return `${subject} ${phrases.join(', then ')}.`;
    case 'pairs':
      return phrases
        .flatMap((_, i) => (i % 2 === 0 ? [phrases.slice(i, i + 2).join(' and ')] : []))
        .map((pair, i) => `${i === 0 ? subject : 'It'} ${pair}.`)
        .join(' ');
    case 'about':
      return `As for ${subject}, it ${series(phrases)}.`;
    case 'this':
      return `This is ${subject}.${phrases.map((phrase) => ` It ${phrase}.`).join('')}`;
  }
}

/**
 * The phrase of a slot: by the pattern of its key, or of its key with its answer (`river yes`) where a yes or no is told
 * in words of its own.
 */
export function phraseOf(
  { key, value }: Entry['slots'][number],
  patterns: ReadonlyMap<string, string>,
): string {
  return patterns.get(`${key} ${value}`) ?? fill(patterns.get(key) ?? hole, value);
}

/** An entry as sentences, each slot by its pattern, in the order of the entry's slots. */
export function realise(entry: Entry, patterns: ReadonlyMap<string, string>, style: Style): string {
  return sentence(
    entry.subject,
    entry.slots.map((slot) => phraseOf(slot, patterns)),
    style,
  );
}
