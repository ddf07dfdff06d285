import type { Random } from '../../../tensor/random';
import { capitalised, chance, pseudoWord, verb, type Lexicon } from '../names';
import { past } from '../patterns';
import { series } from '../phrases';
import { slotWord } from '../slotKey';
import { value } from '../values';
import type { PretrainingTask } from './pretrainingTask';

type Turn = readonly [speaker: string, text: string];

/** Turns of a talk that matter, and what they come to. */
type Exchange = { readonly turns: readonly Turn[]; readonly gist: string };

/** Turns that come to nothing. */
const idle = [
  'hello!',
  'oh, hello.',
  'thank you.',
  'I see.',
  'well, well.',
  'fine.',
  'how are you?',
  'not bad at all.',
  'really?',
  'good to know.',
  'see you soon.',
  'goodbye.',
] as const;

function exchange(rng: Random, lexicon: Lexicon, [a, b]: readonly [string, string]): Exchange {
  const [n, v, x] = [slotWord(rng, lexicon), verb(rng, lexicon), value(rng, lexicon)];
  const kinds: readonly (() => Exchange)[] = [
    () => ({
      turns: [
        [a, `what is your ${n}?`],
        [b, `it is ${x}.`],
      ],
      gist: `the ${n} of ${b} is ${x}`,
    }),
    () => ({ turns: [[a, `my ${n} is ${x}.`]], gist: `the ${n} of ${a} is ${x}` }),
    () => ({ turns: [[a, `I ${past(v)} ${x}.`]], gist: `${a} ${past(v)} ${x}` }),
    () => ({ turns: [[a, `we must ${v} ${x}, ${b}.`]], gist: `${a} wants ${b} to ${v} ${x}` }),
    () => ({
      turns: [
        [a, `will you ${v} the ${n} with ${x}?`],
        [b, rng.choice(['yes.', 'of course.', 'yes, I will.'])],
      ],
      gist: `${b} will ${v} the ${n} with ${x}`,
    }),
    () => ({
      turns: [
        [a, `will you ${v} the ${n} with ${x}?`],
        [b, rng.choice(['no.', 'never.', 'no, I will not.'])],
      ],
      gist: `${b} will not ${v} the ${n} with ${x}`,
    }),
    () => ({
      turns: [
        [a, `who can ${v} the ${n}?`],
        [b, `${x} can.`],
      ],
      gist: `${x} can ${v} the ${n} for ${a}`,
    }),
  ];
  return rng.choice(kinds)();
}

/** The speakers: two names, or two marks as transcripts have them. */
function speakers(rng: Random, { side }: Lexicon): readonly [string, string] {
  if (chance(rng, 0.4)) return ['#Voice1#', '#Voice2#'];
  const a = capitalised(pseudoWord(rng, side));
  for (;;) {
    const b = capitalised(pseudoWord(rng, side));
    if (b !== a) return [a, b];
  }
}

/** `sum : Bralo : what is your river? / Tish : it is 12.` to what the talk comes to, in one line. */
export const summary: PretrainingTask = (rng, lexicon) => {
  const [a, b] = speakers(rng, lexicon);
  const exchanges = Array.from({ length: rng.choice([1, 1, 2]) }, () =>
    exchange(rng, lexicon, chance(rng, 0.5) ? [a, b] : [b, a]),
  );
  const turns = exchanges.flatMap((one): Turn[] => [
    ...(chance(rng, 0.4) ? [[rng.choice([a, b]), rng.choice(idle)] as const] : []),
    ...one.turns,
    ...(chance(rng, 0.3) ? [[rng.choice([a, b]), rng.choice(idle)] as const] : []),
  ]);
  const talk = turns.map(([speaker, text]) => `${speaker} : ${text}`).join(' / ');
  return { source: `sum : ${talk}`, target: `${series(exchanges.map(({ gist }) => gist))}.` };
};
