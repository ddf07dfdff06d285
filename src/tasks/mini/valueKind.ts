/** What a value may be: a random name, a year, a whole number of a range, or one of a list. */
export type ValueKind = 'name' | 'year' | readonly [low: number, high: number] | readonly string[];

const isList = (kind: ValueKind): kind is readonly string[] =>
  typeof kind === 'object' && typeof kind[0] === 'string';

/** All values of those kinds that are lists. */
export function listedValues(kinds: readonly ValueKind[]): string[] {
  return kinds.filter(isList).flat();
}
