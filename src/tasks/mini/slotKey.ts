import type { Random } from '../../tensor/random';
import { capitalised, word, type Lexicon } from './names';

/** A slot name of one word; `name` is how records call their subject. */
export function slotWord(rng: Random, lexicon: Lexicon): string {
  for (;;) {
    const key = word(rng, lexicon);
    if (key !== 'name' && !lexicon.reserved?.has(key)) return key;
  }
}

/** A slot name as tables have it: `riverStone` becomes `RIVER_STONE`. */
export function shouted(key: string): string {
  return spokenKey(key).replaceAll(' ', '_').toUpperCase();
}

/** A random slot name: `river`, `river stone`, `riverStone`, `river_stone`, `RIVER_STONE`. */
export function slotKey(rng: Random, lexicon: Lexicon): string {
  for (;;) {
    const kind = rng.uniform();
    if (kind < 0.55) return slotWord(rng, lexicon);
    const first = word(rng, lexicon);
    const second = word(rng, lexicon);
    if (lexicon.reserved?.has(`${first} ${second}`)) continue;
    if (kind < 0.75) return `${first} ${second}`;
    if (kind < 0.93) return first + capitalised(second);
    return kind < 0.97 ? `${first}_${second}` : shouted(`${first} ${second}`);
  }
}

/** A slot name as words: `riverStone`, `river_stone` and `RIVER_STONE` become `river stone`. */
export function spokenKey(key: string): string {
  const words = key.replaceAll('_', ' ');
  if (words === words.toUpperCase()) return words.toLowerCase();
  return words.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}
