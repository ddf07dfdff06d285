import type { Random } from '../../tensor/random';
import { article, type Lexicon } from './names';
import { past, thirdPerson } from './patterns';
import { slotWord } from './slotKey';
import { value } from './values';

/** A sentence, the question about one of its parts, and that part. */
export type Statement = { readonly text: string; readonly question: string; readonly answer: string };

type Parts = { readonly s: string; readonly v: string; readonly n: string; readonly x: string };

/** The sentences and the questions to `x`, about a subject `s`, a verb `v` and a word `n`. */
const shapes: readonly ((parts: Parts) => readonly [text: string, question: string])[] = [
  ({ s, v, x }) => [`${s} ${thirdPerson(v)} ${x}.`, `What does ${s} ${v}?`],
  ({ s, v, x }) => [`${s} ${past(v)} ${x}.`, `What did ${s} ${v}?`],
  ({ s, v, n, x }) => [`${s} ${thirdPerson(v)} the ${n} ${x}.`, `Which ${n} does ${s} ${v}?`],
  ({ s, v, n, x }) => [`${s} was ${past(v)} in the ${n} ${x}.`, `In which ${n} was ${s} ${past(v)}?`],
  ({ s, v, x }) => [`${s} was ${past(v)} by ${x}.`, `Who was ${s} ${past(v)} by?`],
  ({ s, v, x }) => [`${s} is ${past(v)} at ${x}.`, `Where is ${s} ${past(v)}?`],
  ({ s, v, n, x }) => [`In ${x}, ${s} ${thirdPerson(v)} the ${n}.`, `Where does ${s} ${v} the ${n}?`],
  ({ s, v, n, x }) => [`${s} ${past(v)} the ${n} for ${x}.`, `Who did ${s} ${v} the ${n} for?`],
  ({ s, n, x }) => [`The ${n} of ${s} is ${x}.`, `What is the ${n} of ${s}?`],
  ({ s, n, x }) => [`${s} has ${x} as its ${n}.`, `What does ${s} have as its ${n}?`],
  ({ s, n, x }) => [`${s} is ${article(n)} called ${x}.`, `What is the ${n} ${s} called?`],
  ({ s, v, x }) => [`${s} can ${v} ${x}.`, `What can ${s} ${v}?`],
  ({ s, v, n, x }) => [
    `${x} ${thirdPerson(v)} the ${n} of ${s}.`,
    `What ${thirdPerson(v)} the ${n} of ${s}?`,
  ],
  ({ s, v, x }) => [`${x} was ${past(v)} by ${s}.`, `What was ${past(v)} by ${s}?`],
];

/** A random statement about a subject; its verb is none made up, for whose forms a question could not know the verb. */
export function statement(rng: Random, lexicon: Lexicon, s: string): Statement {
  const answer = value(rng, lexicon);
  const parts = { s, v: rng.choice(lexicon.verbs), n: slotWord(rng, lexicon), x: answer };
  const [text, question] = rng.choice(shapes)(parts);
  return { text, question, answer };
}

/** Whether a part stands exactly once in a text, so that it can be found again. */
export function standsOnce(part: string, text: string): boolean {
  return text.split(part).length === 2;
}

/** One to three statements about one or two subjects, the first of them to be asked about; its answer stands once. */
export function passage(
  rng: Random,
  lexicon: Lexicon,
  subjects: readonly string[],
): { readonly text: string; readonly asked: Statement } {
  for (;;) {
    const told = Array.from({ length: 1 + Math.min(rng.integer(3), rng.integer(3)) }, () =>
      statement(rng, lexicon, rng.choice(subjects)),
    );
    const asked = told[0] as Statement;
    const text = rng
      .shuffle(told)
      .map((one) => one.text)
      .join(' ');
    const questions = new Set(told.map(({ question }) => question));
    if (questions.size === told.length && standsOnce(asked.answer, text)) return { text, asked };
  }
}
