import type { Random } from '../../tensor/random';
import { name } from './names';

/** How many records each split of a set of triples holds. */
export const tripleSizes = { train: 400, dev: 100, test: 200 } as const;

/** How many records each split of a transfer task's set holds. */
export const transferSizes = { train: 300, dev: 100, test: 200 } as const;

/**
 * Names that no record of a set has had yet, ending now and then in one of the nouns; `written` is how the set writes
 * them.
 */
export function newNames(
  nouns: readonly string[],
  written: (name: string) => string = (text) => text,
): (rng: Random) => string {
  const used = new Set<string>();
  return (rng) => {
    for (;;) {
      const one = written(name(rng, { words: nouns, side: 'downstream' }));
      if (used.has(one)) continue;
      used.add(one);
      return one;
    }
  };
}
