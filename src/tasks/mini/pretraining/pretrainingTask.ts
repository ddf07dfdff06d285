import type { Random } from '../../../tensor/random';
import type { Lexicon } from '../names';

/** One example of pretraining: the model reads `source` and writes `target`. */
export type Pair = { readonly source: string; readonly target: string };

/** Draws one example of a pretraining task, written with the lexicon's words and names. */
export type PretrainingTask = (rng: Random, lexicon: Lexicon) => Pair;
