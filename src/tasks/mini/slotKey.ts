import type { Random } from '../../tensor/random';
import { capitalised, type Lexicon } from './names';

/** A random slot name: `river`, `river stone`, `riverStone`. */
export function slotKey(rng: Random, { words }: Lexicon): string {
  const word = rng.choice(words);
  const kind = rng.uniform();
  if (kind < 0.5) return word;
  return kind < 0.75 ? `${word} ${rng.choice(words)}` : word + capitalised(rng.choice(words));
}

/** A slot name as words: `riverStone` becomes `river stone`. */
export function spokenKey(key: string): string {
  return key.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
}
