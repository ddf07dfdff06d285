import { name } from '../names';
import { value } from '../values';
import type { PretrainingTask } from './pretrainingTask';

/** `copy: Bralo 12 river` to the same text. Copying has to form before anything else is learned. */
export const copy: PretrainingTask = (rng, lexicon) => {
  const parts = Array.from({ length: 1 + rng.integer(5) }, () => {
    const kind = rng.integer(3);
    if (kind === 0) return name(rng, lexicon);
    return kind === 1 ? value(rng, lexicon) : rng.choice(lexicon.words);
  });
  const text = parts.join(' ');
  return { source: `copy: ${text}`, target: text };
};
