import type { Example } from './task';

/** A source with one reference; pairs of the same key (else the same source) belong together. */
export type Pair = {
  readonly source: string;
  readonly reference: string;
  readonly key?: string;
  readonly meta?: Example['meta'];
};

/**
 * Pairs of the same key as one example, in order of first appearance: target = the first reference, references = all of
 * them, `meta` = that of the first pair and how many `rows`. Ids count the examples after the prefix.
 */
export function groupReferences(prefix: string, pairs: Iterable<Pair>): Example[] {
  const groups = new Map<string, { readonly first: Pair; readonly references: string[] }>();
  for (const pair of pairs) {
    const key = pair.key ?? pair.source;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: pair, references: [pair.reference] });
    else group.references.push(pair.reference);
  }
  return [...groups.values()].map(({ first, references }, i) => ({
    id: `${prefix}-${i}`,
    source: first.source,
    target: first.reference,
    references,
    meta: { ...first.meta, rows: references.length },
  }));
}
