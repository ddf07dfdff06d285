import type { Random } from '../../tensor/random';
import { article, capitalised, chance, verb, word, type Lexicon } from './names';
import { past, thirdPerson } from './patterns';
import type { Entry } from './records';

/**
 * A whole text with named holes (`{river}`, the subject's being `{name}`) and optional parts in parentheses, which fall
 * away where their hole has no value.
 */
export type Frame = string;

type Parts = { readonly a: string; readonly b: string; readonly v: string };
type Shape = (holes: readonly string[], parts: Parts) => string;

/** How a text begins: shapes for the name and one, two or three further holes. */
const openings: readonly (readonly Shape[])[] = [
  [
    ([n, x], { a }) => `${n} is a ${x} ${a}.`,
    ([n, x], { v, a }) => `${n} ${thirdPerson(v)} ${x} ${a}.`,
    ([n, x], { a }) => `At ${x}, ${n} is ${article(a)}.`,
    ([n, x], { a, v }) => `${capitalised(a)} ${past(v)} ${n} in ${x}.`,
    ([n, x], { a }) => `Here is a ${x} ${a} called ${n}.`,
    ([n, x], { a, v }) => `${n}, ${article(a)} in ${x}, ${thirdPerson(v)}.`,
  ],
  [
    ([n, x, y], { a }) => `${n} is a ${x} ${a} on ${y}.`,
    ([n, x, y], { a, b }) => `${n} is ${article(a)} with ${x} ${b} by the ${y}.`,
    ([n, x, y], { a, v }) => `${n} is a ${x} that ${thirdPerson(v)} ${y} ${a}.`,
    ([n, x, y], { a, v }) => `Close by ${x}, ${n} ${thirdPerson(v)} a ${y} ${a}.`,
    ([n, x, y], { v, a }) => `The ${x} ${n} was ${past(v)} by ${y} ${a}.`,
    ([n, x, y], { a, b }) => `In the ${x} ${a} you meet ${n}, a ${y} ${b}.`,
    ([n, x, y], { v, a }) => `${n}, ${x}, ${thirdPerson(v)} ${a} of ${y}.`,
  ],
  [
    ([n, x, y, z], { a, b }) => `${n} is a ${x} ${y} in the ${z} ${a} ${b}.`,
    ([n, x, y, z], { a, v }) => `With a ${x} ${a}, ${n} is a ${y} which ${thirdPerson(v)} ${z}.`,
    ([n, x, y, z], { v, a }) => `${x} ${thirdPerson(v)} the ${y} ${a} ${n} from ${z}.`,
    ([n, x, y, z], { v, a }) => `From ${x} to ${y}, ${n} ${past(v)} ${z} ${a}.`,
    ([n, x, y, z], { v, a }) => `${n}, the ${a} of ${x}, ${thirdPerson(v)} ${y} and ${z}.`,
  ],
];

/** How a text goes on: shapes for one or two holes, without the name. */
const further: readonly (readonly Shape[])[] = [
  [
    ([x], { v }) => `It ${thirdPerson(v)} ${x}.`,
    ([x], { a }) => `Its ${a} is ${x}.`,
    ([x], { a, b }) => `The ${a} ${b} is ${x}.`,
    ([x], { v, a }) => `You can ${v} the ${a} ${x}.`,
    ([x], { a, v }) => `Many ${v} it for ${x} ${a}.`,
    ([x], { a }) => `They call it a ${x} ${a}.`,
    ([x], { a, b }) => `${capitalised(a)} and ${b} are ${x}.`,
  ],
  [
    ([x, y], { a }) => `It is a ${x} ${a} for ${y}.`,
    ([x, y], { v, a }) => `Its ${x} ${thirdPerson(v)} ${y} ${a}.`,
    ([x, y], { a, b }) => `The ${a} is ${x} and the ${b} ${y}.`,
    ([x, y], { v, a }) => `They ${v} ${x} ${a} at ${y}.`,
  ],
];

/** An optional part to be put before a sentence's stop. */
const additions: readonly Shape[] = [
  ([x], { a }) => `with ${x} ${a}`,
  ([x], { a }) => `near the ${a} ${x}`,
  ([x], { a, v }) => `and ${thirdPerson(v)} ${x} ${a}`,
  ([x], { a, b }) => `in ${a} ${b} ${x}`,
];

/** A random frame that says the name and each of the keys once; `optional` of them in parts of their own. */
export function frame(rng: Random, lexicon: Lexicon, keys: readonly string[], optional: number): Frame {
  const parts = (): Parts => ({ a: word(rng, lexicon), b: word(rng, lexicon), v: verb(rng, lexicon) });
  const holes = rng.shuffle(keys).map((key) => `{${key}}`);
  const spared = holes.splice(0, Math.min(optional, holes.length - 1));
  const sentences: string[] = [];
  for (let left = holes; left.length > 0;) {
    const isFirst = sentences.length === 0;
    const shapes = isFirst ? openings : further;
    const taken = Math.min(1 + rng.integer(shapes.length), left.length);
    const given = left.slice(0, taken);
    sentences.push(rng.choice(shapes[taken - 1] ?? [])(isFirst ? ['{name}', ...given] : given, parts()));
    left = left.slice(taken);
  }
  for (const one of spared) {
    const i = rng.integer(sentences.length);
    const part = `(${rng.choice(additions)([one], parts())})`;
    sentences[i] = (sentences[i] ?? '').replace(/\.$/, ` ${part}.`);
  }
  const text = sentences.join(' ');
  return chance(rng, 0.15) ? text.replaceAll(' It ', ' This one ') : text;
}

/** A frame with an entry's values; an article right before a hole goes by the value. */
export function fillFrame(text: Frame, { subject, slots }: Entry): string {
  const values = new Map([
    ['name', subject],
    ...slots.map(({ key, value }): [string, string] => [key, value]),
  ]);
  return text
    .replace(/ \(([^()]*\{([^}]+)\}[^()]*)\)/g, (_, part: string, key: string) =>
      values.has(key) ? ` ${part}` : '',
    )
    .replace(/(\ba )?\{([^}]+)\}/g, (_, before: string | undefined, key: string) => {
      const value = values.get(key) ?? '';
      return before === undefined ? value : article(value);
    });
}
