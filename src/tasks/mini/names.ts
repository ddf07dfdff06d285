import type { Random } from '../../tensor/random';
import { codas, heldOutVerbs, heldOutWords, onsets, verbs, vowels, words } from './lexicon';

/**
 * Which random words a name may be made of. Every pseudo-word belongs to one side by its letters alone, so no name of
 * the downstream sets can ever have occurred in pretraining.
 */
export type NameSide = 'pretraining' | 'downstream';

/** What examples are written with. */
export type Lexicon = {
  /** Content words, verbs to be inflected, and the side of the pseudo-words. */
  readonly words: readonly string[];
  readonly verbs: readonly string[];
  readonly side: NameSide;
  /** The share of words and verbs that are made up instead: keys, values and patterns then come in pieces. */
  readonly novelty: number;
  /** Slot names that must not be drawn: those of the downstream sets. */
  readonly reserved?: ReadonlySet<string>;
};

/** The lexicon of pretraining. */
export const seenLexicon: Lexicon = { words, verbs, side: 'pretraining', novelty: 0.04 };

/** Pretraining's lexicon for those examples that teach to copy words never seen before, and not names alone. */
export const novelLexicon: Lexicon = { ...seenLexicon, novelty: 0.4 };

/** Words and names that pretraining never draws. */
export const unseenLexicon: Lexicon = {
  words: heldOutWords,
  verbs: heldOutVerbs,
  side: 'downstream',
  novelty: 0,
};

/** The side that a pseudo-word belongs to: one in four, by the sum of its letters, is downstream. */
export function sideOf(pseudoWord: string): NameSide {
  let sum = 0;
  for (const letter of pseudoWord.toLowerCase()) sum += letter.charCodeAt(0);
  return sum % 4 === 0 ? 'downstream' : 'pretraining';
}

/** True with probability `p`. */
export function chance(rng: Random, p: number): boolean {
  return rng.uniform() < p;
}

const english: ReadonlySet<string> = new Set([...words, ...heldOutWords, ...heldOutVerbs]);

/** A word of one to three random syllables of the wanted side, in lower case, and by no chance one of the lexicon. */
export function pseudoWord(rng: Random, side: NameSide): string {
  for (;;) {
    const syllables = rng.choice([1, 2, 2, 3]);
    let word = '';
    for (let i = 0; i < syllables; i++) word += rng.choice(onsets) + rng.choice(vowels);
    if (syllables === 1 || chance(rng, 0.35)) word += rng.choice(codas);
    if (sideOf(word) === side && !english.has(word)) return word;
  }
}

/** A word that looks English and is none: the first letters of one word and the last ones of another. */
function blend(rng: Random, { words: content, side }: Lexicon): string {
  for (;;) {
    const word =
      rng.choice(content).slice(0, 2 + rng.integer(3)) + rng.choice(content).slice(-2 - rng.integer(3));
    const made = word.toLowerCase();
    if (sideOf(made) === side && !english.has(made)) return made;
  }
}

const novelWord = (rng: Random, lexicon: Lexicon): string =>
  chance(rng, 0.5) ? blend(rng, lexicon) : pseudoWord(rng, lexicon.side);

/** A content word of the lexicon, or a made-up one as often as the lexicon says. */
export function word(rng: Random, lexicon: Lexicon): string {
  return chance(rng, lexicon.novelty) ? novelWord(rng, lexicon) : rng.choice(lexicon.words);
}

/** A verb of the lexicon, or a made-up one as often as the lexicon says. */
export function verb(rng: Random, lexicon: Lexicon): string {
  return chance(rng, lexicon.novelty) ? novelWord(rng, lexicon) : rng.choice(lexicon.verbs);
}

/** `a river`, `an apple`: by the first letter alone. */
export function article(phrase: string): string {
  return (/^[aeiou]/i.test(phrase) ? 'an ' : 'a ') + phrase;
}

/** The text with its first letter in upper case. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A random name: `Bralo`, `The Bralo`, `Bralo Tish`, `Bralo Garden`, `The Bralo Garden`. */
export function name(rng: Random, { words: content, side }: Pick<Lexicon, 'words' | 'side'>): string {
  const first = capitalised(pseudoWord(rng, side));
  const kind = rng.uniform();
  if (kind < 0.42) return first;
  if (kind < 0.6) return `The ${first}`;
  if (kind < 0.84) return `${first} ${capitalised(pseudoWord(rng, side))}`;
  const noun = capitalised(rng.choice(content));
  return kind < 0.94 ? `${first} ${noun}` : `The ${first} ${noun}`;
}
