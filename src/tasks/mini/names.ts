import type { Random } from '../../tensor/random';
import { codas, heldOutVerbs, heldOutWords, onsets, verbs, vowels, words } from './lexicon';

/**
 * Which random words a name may be made of. Every pseudo-word belongs to one side by its letters alone, so no name of
 * the downstream sets can ever have occurred in pretraining.
 */
export type NameSide = 'pretraining' | 'downstream';

/** What examples are written with: content words, verbs to be inflected, and the side of the names' pseudo-words. */
export type Lexicon = {
  readonly words: readonly string[];
  readonly verbs: readonly string[];
  readonly side: NameSide;
};

/** The lexicon of pretraining. */
export const seenLexicon: Lexicon = { words, verbs, side: 'pretraining' };

/** Words and names that pretraining never draws. */
export const unseenLexicon: Lexicon = {
  words: heldOutWords,
  verbs: heldOutVerbs,
  side: 'downstream',
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
