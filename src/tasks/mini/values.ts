import type { Random } from '../../tensor/random';
import { capitalised, chance, name, pseudoWord, type Lexicon } from './names';

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

/**
 * A slot's value, as open as names are: a name, a pseudo-word, one to three words, a number, a price, a rating, a date
 * or one of a few fixed answers. With a closed list the model recites values where it should copy them.
 */
export function value(rng: Random, lexicon: Lexicon): string {
  const { words, side } = lexicon;
  const kind = rng.uniform();
  if (kind < 0.2) return name(rng, lexicon);
  if (kind < 0.3) return pseudoWord(rng, side);
  if (kind < 0.38) return capitalised(pseudoWord(rng, side));
  if (kind < 0.56) return rng.choice(words);
  if (kind < 0.72) return `${rng.choice(words)} ${rng.choice(words)}`;
  if (kind < 0.75) return `${rng.choice(words)} ${rng.choice(words)} ${rng.choice(words)}`;
  if (kind < 0.81) return String(between(rng, 1, chance(rng, 0.5) ? 99 : 9999));
  if (kind < 0.88) return price(rng);
  if (kind < 0.93) return rating(rng);
  if (kind < 0.95) return date(rng);
  return rng.choice(choices);
}
