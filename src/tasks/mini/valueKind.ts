import type { Random } from '../../tensor/random';

/** What a value may be: a random name, a year, a whole number of a range, or one of a list. */
export type ValueKind = 'name' | 'year' | readonly [low: number, high: number] | readonly string[];

const isList = (kind: ValueKind): kind is readonly string[] =>
  typeof kind === 'object' && typeof kind[0] === 'string';

/** All values of those kinds that are lists. */
export function listedValues(kinds: readonly ValueKind[]): string[] {
  return kinds.filter(isList).flat();
}

/** A random value of a kind; a name comes from `name`, which sees to it that it is new. */
export function drawValue(rng: Random, kind: ValueKind, name: () => string): string {
  if (kind === 'name') return name();
  if (isList(kind)) return rng.choice(kind);
  const [low, high] = kind === 'year' ? [1780, 2019] : kind;
  return String(low + rng.integer(high - low + 1));
}
