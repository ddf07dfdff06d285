import type { Random } from '../../tensor/random';
import { capitalised, word, type Lexicon } from './names';

/** A slot name of one word; `name` is how records call their subject. */
export function slotWord(rng: Random, lexicon: Lexicon): string {
  for (;;) {
    const key = word(rng, lexicon);
    if (key !== 'name' && !lexicon.reserved?.has(key)) return key;
  }
}

/** A random slot name: `river`, `river stone`, `riverStone`, `river_stone`. */
export function slotKey(rng: Random, lexicon: Lexicon): string {
  for (;;) {
    const kind = rng.uniform();
    if (kind < 0.55) return slotWord(rng, lexicon);
    const first = word(rng, lexicon);
    const second = word(rng, lexicon);
    if (lexicon.reserved?.has(`${first} ${second}`)) continue;
    if (kind < 0.75) return `${first} ${second}`;
    return kind < 0.95 ? first + capitalised(second) : `${first}_${second}`;
  }
}

/** A slot name as words: `riverStone` and `river_stone` become `river stone`. */
export function spokenKey(key: string): string {
  return key
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
