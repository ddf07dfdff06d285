import { chance, name, word } from '../names';
import { value } from '../values';
import type { PretrainingTask } from './pretrainingTask';

/**
 * `copy: Bralo 12 river` to the same text, or one to four names alone. Copying has to form before anything else is
 * learned.
 */
export const copy: PretrainingTask = (rng, lexicon) => {
  const names = chance(rng, 0.3);
  const parts = Array.from({ length: 1 + rng.integer(names ? 4 : 5) }, () => {
    const kind = names ? 0 : rng.integer(3);
    if (kind === 0) return name(rng, lexicon);
    return kind === 1 ? value(rng, lexicon) : word(rng, lexicon);
  });
  const text = parts.join(' ');
  return { source: `copy: ${text}`, target: text };
};
