import { random, type Random } from '../../tensor/random';
import { series } from './phrases';
import type { Domain } from './separation';
import { newNames, transferSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/** A fact about a subject as a predicate (`*` is the answer) and the ways of asking for it (`{subject}`). */
type Fact = { readonly says: string; readonly asks: readonly string[]; readonly answer: ValueKind };

/** What sentences are about: the words before the subject's name, and the facts there are. */
const topics: readonly { readonly kind: string; readonly facts: readonly Fact[] }[] = [
  {
    kind: 'the sunken city of',
    facts: [
      {
        says: 'was mapped by the diver *',
        asks: ['which diver mapped the sunken city of {subject} ?', 'who drew the map of {subject} ?'],
        answer: 'name',
      },
      {
        says: 'sank beneath the waves in *',
        asks: ['when did {subject} sink ?', 'in what year did the waves close over {subject} ?'],
        answer: 'year',
      },
      {
        says: 'lies * fathoms deep',
        asks: ['how many fathoms deep does {subject} lie ?', 'how deep down is {subject} ?'],
        answer: [4, 90],
      },
      {
        says: 'was paved with slabs of *',
        asks: ['what were the streets of {subject} paved with ?', 'which stone paved {subject} ?'],
        answer: ['veined marble', 'black basalt', 'rose granite', 'burnt clay'],
      },
    ],
  },
  {
    kind: 'the lost opera',
    facts: [
      {
        says: 'was scored for * bassoons',
        asks: ['how many bassoons does {subject} call for ?', 'for how many bassoons was {subject} scored ?'],
        answer: [2, 30],
      },
      {
        says: 'was hummed from memory by *',
        asks: ['who could hum {subject} from memory ?', 'from whose memory do we know {subject} ?'],
        answer: 'name',
      },
      {
        says: 'closed after one night in *',
        asks: [
          'in which year did {subject} close after one night ?',
          'when was the only night of {subject} ?',
        ],
        answer: 'year',
      },
      {
        says: 'mocked the duke of *',
        asks: ['which duke did {subject} mock ?', 'the duke of which place is mocked in {subject} ?'],
        answer: 'name',
      },
    ],
  },
  {
    kind: 'the desert caravan of',
    facts: [
      {
        says: 'loaded its camels with *',
        asks: ['what did the camels of {subject} carry ?', 'which load did the caravan of {subject} bring ?'],
        answer: ['raw saffron', 'rock salt', 'indigo cakes', 'dried apricots'],
      },
      {
        says: 'followed the guide * over the dunes',
        asks: ['whom did {subject} follow over the dunes ?', 'which guide led the caravan of {subject} ?'],
        answer: 'name',
      },
      {
        says: 'rested at the wells of *',
        asks: ['at which wells did {subject} rest ?', 'where did the caravan of {subject} find its wells ?'],
        answer: 'name',
      },
      {
        says: 'lost * camels to the storm',
        asks: ['how many camels did {subject} lose to the storm ?', 'what did the storm cost {subject} ?'],
        answer: [3, 70],
      },
    ],
  },
];

const facts = topics.flatMap((topic) => topic.facts);

/** What pretraining must never show of mini-questions, whose sources name no slots. */
export const legends: Domain = {
  keys: [],
  values: listedValues(facts.map(({ answer }) => answer)),
  phrasings: wording([
    ...topics.map(({ kind }) => kind),
    ...facts.flatMap(({ says, asks }) => [says, ...asks]),
  ]),
};

/** A sentence of two or three facts and one question for each. */
function drawSentence(rng: Random, newName: () => string): [sentence: string, questions: string[]] {
  const { kind, facts: known } = rng.choice(topics);
  const subject = newName();
  const chosen = rng.shuffle(known).slice(0, 2 + rng.integer(2));
  const told = chosen.map(({ says, answer }) => says.replace('*', () => drawValue(rng, answer, newName)));
  return [
    `${kind} ${subject} ${series(told).replaceAll(',', ' ,')} .`,
    chosen.map(({ asks }) => rng.choice(asks).replace('{subject}', () => subject)),
  ];
}

/**
 * mini-questions as the text files of the question generation split of SQuAD: lower case, tokenized, sentence and
 * question on line n of two files; a sentence stands on two or three lines. No two sentences share a name.
 */
export function miniQuestions(seed: number): ReadonlyMap<string, string> {
  const fresh = newNames(['gate', 'shore', 'moon'], (name) => name.toLowerCase());
  return new Map(
    Object.entries(transferSizes).flatMap(([split, count]) => {
      const rng = random(seed).fork('questions').fork(split);
      const pairs = Array.from({ length: count }, () => drawSentence(rng, () => fresh(rng))).flatMap(
        ([sentence, questions]) => questions.map((question) => [sentence, question] as const),
      );
      const text = (side: 0 | 1): string => pairs.map((pair) => `${pair[side]}\n`).join('');
      return [
        [`src-${split}.txt`, text(0)],
        [`tgt-${split}.txt`, text(1)],
      ];
    }),
  );
}
