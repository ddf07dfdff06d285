import type { Random } from '../../tensor/random';
import { capitalised, chance, name, pseudoWord, word, type Lexicon } from './names';

const months = ['January', 'March', 'April', 'May', 'June', 'August', 'October', 'December'];
const choices = ['yes', 'no', 'low', 'high', 'average', 'none', 'small', 'large', 'true', 'false'];

/** An integer in [low, high]. */
const between = (rng: Random, low: number, high: number): number => low + rng.integer(high - low + 1);

function price(rng: Random): string {
  const sign = rng.choice(['£', '£', '']);
  const low = between(rng, 1, 90);
  return rng.choice([
    `less than ${sign}${low}`,
    `more than ${sign}${low}`,
    `about ${sign}${low}`,
    `${sign}${low}`,
    `${sign}${low}-${low + between(rng, 1, 40)}`,
  ]);
}

function rating(rng: Random): string {
  const top = rng.choice([3, 4, 6, 7, 8, 9, 10, 12]);
  return `${between(rng, 1, top)} ${rng.choice(['out of', 'out of', 'of'])} ${top}`;
}

function date(rng: Random): string {
  const month = rng.choice(months);
  return chance(rng, 0.5)
    ? `${between(rng, 1, 28)} ${month} ${between(rng, 1850, 2020)}`
    : `${month} ${between(rng, 1, 28)}`;
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** Numbers as they stand in tables: a time, a share, a decimal, a score, a size, an ISO date, a code. */
function figure(rng: Random): string {
  const kinds = [
    () => `${between(rng, 0, 23)}:${twoDigits(between(rng, 0, 59))}`,
    () => `${between(rng, 1, 100)} %`,
    () => `${between(rng, 0, 99)}.${between(rng, 0, 9)}`,
    () => `${between(rng, 0, 9)}-${between(rng, 0, 9)}`,
    () => `${between(rng, 2, 90)} x ${between(rng, 2, 90)}`,
    () => `${between(rng, 1850, 2020)}-${twoDigits(between(rng, 1, 12))}-${twoDigits(between(rng, 1, 28))}`,
    () => `${between(rng, 1, 99)},${between(rng, 100, 999)}`,
    () => `${rng.choice(['A', 'B', 'C', 'K', 'M', 'T'])}${between(rng, 1, 99)}`,
  ];
  return rng.choice(kinds)();
}

/** Phrases around names and words: a person with an initial, a place in another, an amount, an office. */
function phrase(rng: Random, lexicon: Lexicon): string {
  const { side } = lexicon;
  const proper = (): string => capitalised(pseudoWord(rng, side));
  const kinds = [
    () => `${proper()} ${rng.choice(['A', 'B', 'E', 'J', 'L', 'M', 'R'])}. ${proper()}`,
    () => `${proper()}, ${proper()}`,
    () => `${proper()}-${proper()}`,
    () => `${proper()} of ${proper()}`,
    () => `${word(rng, lexicon)} of ${proper()}`,
    () => `${proper()} ${word(rng, lexicon)}`,
    () => `the ${word(rng, lexicon)} ${word(rng, lexicon)}`,
    () => `${between(rng, 2, 99)} ${word(rng, lexicon)}`,
    () => `${word(rng, lexicon)} and ${word(rng, lexicon)}`,
    () => `${capitalised(rng.choice(lexicon.words))} ${between(rng, 1, 40)}`,
  ];
  return rng.choice(kinds)();
}

/**
 * A slot's value, as open as names are: a name, a pseudo-word, one to three words, a number, a price, a rating, a date,
 * a figure, a phrase or one of a few fixed answers. With a closed list the model recites values where it should copy
 * them.
 */
export function value(rng: Random, lexicon: Lexicon): string {
  const { side } = lexicon;
  const kind = rng.uniform();
  if (kind < 0.2) return name(rng, lexicon);
  if (kind < 0.27) return pseudoWord(rng, side);
  if (kind < 0.33) return capitalised(pseudoWord(rng, side));
  if (kind < 0.53) return word(rng, lexicon);
  if (kind < 0.67) return `${word(rng, lexicon)} ${word(rng, lexicon)}`;
  if (kind < 0.69) return `${word(rng, lexicon)} ${word(rng, lexicon)} ${word(rng, lexicon)}`;
  if (kind < 0.76) return phrase(rng, lexicon);
  if (kind < 0.81) return String(between(rng, 1, chance(rng, 0.5) ? 99 : 9999));
  if (kind < 0.84) return figure(rng);
  if (kind < 0.9) return price(rng);
  if (kind < 0.93) return rating(rng);
  if (kind < 0.95) return date(rng);
  return rng.choice(choices);
}
