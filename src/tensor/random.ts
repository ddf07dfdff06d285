import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { mersenne } from 'pure-rand/generator/mersenne';

/** A seeded stream of random numbers: the same seed gives the same numbers on every platform. */
export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** One item, each equally likely. */
  choice<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** A new stream that depends only on this stream's seed and the label, not on what was drawn before. */
  fork(label: string | number): Random;
}

/**
 * A 32-bit hash of a text: FNV-1a, then MurmurHash3's finaliser, without which texts that differ in their last digit
 * ("1/a/0", "1/a/1") would seed streams that start alike.
 */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/**
 * A random stream from a seed (MT19937 of the library pure-rand, whose xoroshiro128+ gives out that generator's weak low
 * half).
 */
export function random(seed: string | number): Random {
  const generator = mersenne(hash(`spt:${seed}`));
  const bits = (count: number): number => uniformInt(generator, 0, 2 ** count - 1);
  const uniform = (): number => (bits(26) * 2 ** 27 + bits(27)) / 2 ** 53;
  const integer = (bound: number): number => uniformInt(generator, 0, bound - 1);
  const shuffle = <T>(items: readonly T[]): T[] => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer,
    choice: <T>(items: readonly T[]): T => items[integer(items.length)] as T,
    shuffle,
    fork: (label) => random(`${seed}/${label}`),
  };
}
