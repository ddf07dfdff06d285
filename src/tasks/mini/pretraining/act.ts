import { chance, name, verb, word } from '../names';
import { fill, hole } from '../patterns';
import { argument, slotKeys } from '../records';
import { spokenKey } from '../slotKey';
import { value } from '../values';
import type { PretrainingTask } from './pretrainingTask';

/** What is said in an act's words when the prefix gives it none; `key` is the slot's name as words. */
const plain = {
  tell: (key: string) => `so its ${key} is ${hole}`,
  seek: (key: string) => `now which ${key}`,
  check: (key: string) => `then ${hole} as ${key}`,
  refuse: (key: string) => `alas not ${hole} as ${key}`,
  propose: (key: string) => `perhaps ${hole} for ${key}`,
} as const;
type Act = keyof typeof plain;
const acts = Object.keys(plain) as readonly Act[];

/** An act ends like a question, or like a statement. */
const stops: Readonly<Record<Act, string>> = { tell: '.', seek: '?', check: '?', refuse: '.', propose: '?' };

/**
 * Acts of a talk, `tell(river='Bralo Tish';stone=12) , seek(lake=?)`, to the sentences that perform them: in their plain
 * words (`reply :`) or in words given in the prefix, `tell river = we * by * ; reply :`.
 */
export const act: PretrainingTask = (rng, lexicon) => {
  const count = 1 + Math.min(rng.integer(3), rng.integer(3));
  const keys = slotKeys(rng, lexicon, 2 * count);
  const given = new Map<string, string>();
  const own = chance(rng, 0.5);
  const quoted = chance(rng, 0.5);
  const phrase = (kind: Act, key: string): string => {
    if (!own) return plain[kind](spokenKey(key));
    const [a, b, v] = [word(rng, lexicon), word(rng, lexicon), verb(rng, lexicon)];
    const words =
      kind === 'seek'
        ? rng.choice([`which ${a} do you ${v}`, `${v} your ${a} ${b}`, `what ${a} and ${b}`])
        : rng.choice([
            `we ${v} ${hole} ${a}`,
            `the ${a} ${b} is ${hole}`,
            `${hole} is ${a}`,
            `do ${v} a ${hole} ${a}`,
            `I ${v} ${hole} by ${a}`,
            `so ${v} the ${a} ${hole}`,
          ]);
    given.set(`${kind} ${key}`, words);
    return words;
  };
  const told = rng
    .shuffle(acts)
    .slice(0, count)
    .map((kind) => {
      const slots = keys.splice(0, 1 + rng.integer(2)).map((key) => ({
        key,
        value: kind === 'seek' ? '?' : rng.integer(3) === 0 ? name(rng, lexicon) : value(rng, lexicon),
      }));
      const list = slots.map(
        (slot) => `${slot.key}=${quoted && kind !== 'seek' ? argument(slot.value) : slot.value}`,
      );
      const phrases = slots.map((slot) => fill(phrase(kind, slot.key), slot.value));
      return { written: `${kind}(${list.join(';')})`, said: `${phrases.join(' and ')}${stops[kind]}` };
    });
  const head = rng.shuffle([...given]).map(([key, words]) => `${key} = ${words} ; `);
  return {
    source: `${head.join('')}reply : ${told.map(({ written }) => written).join(' , ')}`,
    target: told.map(({ said }) => said).join(' '),
  };
};
