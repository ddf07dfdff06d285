import type { Random } from '../../tensor/random';
import { chance, name, type Lexicon } from './names';
import { phraseOf } from './patterns';
import { series } from './phrases';
import { value } from './values';

/** One fact of a graph: `Bralo | river | Tish`. */
export type Triple = { readonly subject: string; readonly key: string; readonly value: string };

/** How a graph is told; the words that ask for it in a prefix. */
export const graphStyles = ['each', 'again', 'group', 'nest'] as const;
export type GraphStyle = (typeof graphStyles)[number];

/** The mark of a table's subject and the key of its title, as graphs made from tables have them. */
const table = '[SHEET]';
const title = '[HEAD]';

/**
 * A random graph of as many facts as there are keys, each about the first subject or about the value of an earlier fact, which is a name
 * then. A key may be used for two subjects.
 */
export function graph(rng: Random, lexicon: Lexicon, keys: readonly string[]): Triple[] {
  const subjects = [name(rng, lexicon)];
  const triples: Triple[] = [];
  const told = new Set<string>();
  while (triples.length < keys.length) {
    const subject = chance(rng, 0.5) ? (subjects.at(-1) as string) : rng.choice(subjects);
    const key = chance(rng, 0.2) ? rng.choice(keys) : (keys[triples.length] as string);
    if (told.has(`${subject} ${key}`)) continue;
    told.add(`${subject} ${key}`);
    const opens = chance(rng, 0.5);
    const object = opens ? name(rng, lexicon) : value(rng, lexicon);
    if (subjects.includes(object)) continue;
    if (opens) subjects.push(object);
    triples.push({ subject, key, value: object });
  }
  return triples;
}

/** `A | key | B && B | key | value`. */
export function writeGraph(triples: readonly Triple[]): string {
  return triples.map(({ subject, key, value }) => `${subject} | ${key} | ${value}`).join(' && ');
}

/** The same for a graph whose first subject is a table's title: `[SHEET] | [HEAD] | A && [SHEET] | key | B`. */
export function writeTable(triples: readonly Triple[]): string {
  const head = triples[0]?.subject ?? '';
  const rows = triples.map((triple) => (triple.subject === head ? { ...triple, subject: table } : triple));
  return writeGraph([{ subject: table, key: title, value: head }, ...rows]);
}

/** A graph as sentences, every fact by the pattern of its key. */
export function realiseGraph(
  triples: readonly Triple[],
  patterns: ReadonlyMap<string, string>,
  style: GraphStyle,
): string {
  const of = (subject: string): Triple[] => triples.filter((triple) => triple.subject === subject);
  const subjects = [...new Set(triples.map(({ subject }) => subject))];
  switch (style) {
    case 'each':
      return triples
        .map((triple, i) => {
          const subject = triple.subject === triples[i - 1]?.subject ? 'It' : triple.subject;
          return `${subject} ${phraseOf(triple, patterns)}.`;
        })
        .join(' ');
    case 'again':
      return triples.map((triple) => `${triple.subject} ${phraseOf(triple, patterns)}.`).join(' ');
    case 'group':
      return subjects
        .map((subject) => `${subject} ${series(of(subject).map((triple) => phraseOf(triple, patterns)))}.`)
        .join(' ');
    case 'nest': {
      // A value that is itself a subject is followed by what is said of it.
      const about = (subject: string): string[] =>
        of(subject).map((triple) => {
          const more = about(triple.value);
          return phraseOf(triple, patterns) + (more.length === 0 ? '' : `, which ${more.join(' and ')},`);
        });
      const [first = ''] = subjects;
      return `${first} ${about(first).join(' and ')}.`.replace(/,+\.$/, '.').replace(/,{2,}/g, ',');
    }
  }
}
