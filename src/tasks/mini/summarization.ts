import { random, type Random } from '../../tensor/random';
import { chance } from './names';
import type { Domain } from './separation';
import { newNames, transferSizes } from './splits';
import { drawValue, listedValues, type ValueKind } from './valueKind';
import { wording } from './wording';

/**
 * A kind of talk: what is its topic, the turns of the two in order (the first speaks first; each line is one of several ways,
 * and `{detail}` stands for its value) and the sentences of the three summaries; in these `{a}` and `{b}` are the two speakers.
 */
type Scene = {
  readonly topic: string;
  readonly details: Readonly<Record<string, ValueKind>>;
  readonly turns: readonly (readonly string[])[];
  /** What may come before the last turn: a day that will not do (`{other}`), and its refusal. */
  readonly detour: readonly [second: string, first: string];
  readonly summaries: readonly string[];
};

const days = ['Monday noon', 'Tuesday night', 'Thursday dawn', 'Friday dusk', 'Saturday noon', 'Sunday dawn'];

/** The kinds of talk. */
const scenes: readonly Scene[] = [
  {
    topic: 'borrowing a tool',
    details: {
      thing: ['hedge trimmer', 'pipe wrench', 'paint roller', 'tile cutter', 'spirit level', 'bench vise'],
      owner: 'name',
      day: days,
    },
    turns: [
      ['Could you spare me your {thing}?', 'May I take your {thing} along today?'],
      ['I gave it to {owner} last week.', 'It still hangs in the shed of {owner}.'],
      ['Then I will knock there. When must it be back?', 'I can fetch it myself. Till when?'],
      ['Bring it round by {day}.', 'I will not miss it before {day}.'],
    ],
    detour: ['Can you manage it by {other}?', 'Not so soon, I fear.'],
    summaries: [
      '{a} asks {b} for the {thing}. {a} will fetch it from {owner} and return it by {day}.',
      '{b} lends {a} the {thing}, now kept by {owner}, until {day}.',
      '{a} wants to borrow the {thing} and can keep it till {day} after getting it from {owner}.',
    ],
  },
  {
    topic: 'moving a rehearsal',
    details: {
      piece: ['sword dance', 'harvest play', 'shadow show', 'choir evening', 'juggling act', 'puppet farce'],
      place: 'name',
      day: days,
    },
    turns: [
      ['Our stage for the {piece} is flooded.', 'They locked us out, so no {piece} tonight.'],
      ['What a pity. Is there any other floor for it?', 'Oh no. Where do we go now?'],
      ['The loft at {place} is free.', 'They would let us into {place}.'],
      ['Fine, so we try again on {day}.', 'Tell them all to come on {day}.'],
    ],
    detour: ['Shall we say {other}?', 'Half of them are away then.'],
    summaries: [
      'The {piece} has lost its stage. {a} and {b} shift it to {place} on {day}.',
      '{a} tells {b} about the stage. They will rehearse the {piece} at {place} on {day}.',
      '{b} agrees to move the {piece} to {place} and to meet there on {day}.',
    ],
  },
  {
    topic: 'a missing pet',
    details: {
      pet: [
        'grey ferret',
        'spotted gecko',
        'one-eyed parrot',
        'lame tortoise',
        'shy hedgehog',
        'fat guinea pig',
      ],
      call: 'name',
      day: days,
    },
    turns: [
      ['Have you seen a {pet}? Ours ran off.', 'Our {pet} slipped out of its box.'],
      ['What name does it listen to?', 'How do you call it?'],
      ['It knows the name {call}. It comes for nuts.', 'It comes when you shout {call}.'],
      ['There was a rustle under my porch on {day}.', 'My lettuce was nibbled on {day}.'],
    ],
    detour: ['Was it still there on {other}?', 'Yes, it slept in its box then.'],
    summaries: [
      '{a} is looking for a {pet} called {call}. {b} noticed something on {day}.',
      'The {pet} {call} strayed from {a}. {b} may have met it on {day}.',
      '{b} helps {a} hunt for {call}, a {pet}, that left traces on {day}.',
    ],
  },
];

/** What pretraining must never show of mini-summarization, whose sources name no slots. */
export const talks: Domain = {
  keys: [],
  values: listedValues(scenes.flatMap(({ details }) => Object.values(details))),
  phrasings: wording(
    scenes.flatMap(({ turns, detour, summaries }) => [...turns.flat(), ...detour, ...summaries]),
  ),
};

const speakers = { a: '#Person1#', b: '#Person2#' } as const;

/** A text with the values in the holes' place. */
const filled = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, hole: string) => values[hole] as string);

/** A talk and its three summaries. */
function drawTalk(
  rng: Random,
  newName: () => string,
): { dialogue: string; summaries: string[]; topic: string } {
  const { topic, details, turns, detour, summaries } = rng.choice(scenes);
  const drawn = Object.entries(details).map(([detail, kind]) => [detail, drawValue(rng, kind, newName)]);
  const values = Object.fromEntries(drawn) as Readonly<Record<string, string>>;
  const other = rng.choice(days.filter((day) => day !== values['day']));
  const said = turns.map((ways) => rng.choice(ways));
  const all = chance(rng, 0.2) ? said.toSpliced(3, 0, detour[0], detour[1]) : said;
  // Without a detour the turns alternate; with it the second speaks before it, so that they still do.
  return {
    topic,
    dialogue: all
      .map((turn, i) => `${i % 2 === 0 ? speakers.a : speakers.b}: ${filled(turn, { ...values, other })}`)
      .join('\n'),
    summaries: rng.shuffle(summaries).map((summary) => filled(summary, { ...values, ...speakers })),
  };
}

/**
 * mini-summarization as DialogSum's three files, one JSON object a line: talks of four or six turns, with one summary,
 * in test with three. No two talks share a name.
 */
export function miniSummarization(seed: number): ReadonlyMap<string, string> {
  const fresh = newNames(['Barn', 'Loft', 'Corner']);
  return new Map(
    Object.entries(transferSizes).map(([split, count]) => {
      const rng = random(seed).fork('summarization').fork(split);
      const lines = Array.from({ length: count }, (_, i) => {
        const { dialogue, summaries, topic } = drawTalk(rng, () => fresh(rng));
        const told =
          split === 'test'
            ? summaries.flatMap((summary, n) => [
                [`summary${n + 1}`, summary],
                [`topic${n + 1}`, topic],
              ])
            : [
                ['summary', summaries[0]],
                ['topic', topic],
              ];
        return JSON.stringify({ fname: `${split}_${i}`, dialogue, ...Object.fromEntries(told) });
      });
      return [`mini-summarization-${split}.jsonl`, `${lines.join('\n')}\n`];
    }),
  );
}
