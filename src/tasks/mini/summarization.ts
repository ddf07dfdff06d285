import type { Domain } from './separation';
import { listedValues, type ValueKind } from './valueKind';
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
export const scenes: readonly Scene[] = [
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
