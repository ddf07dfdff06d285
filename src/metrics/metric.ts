/** The references of each hypothesis; null marks one that is missing, an empty text is a reference of length 0. */
export type References = readonly (readonly (string | null)[])[];

/** References with the missing ones left out, at least one of each hypothesis. */
export type PresentReferences = readonly (readonly string[])[];

/** A corpus metric whose score follows from sums over the items, so that resampling them costs additions only. */
export interface Metric {
  /** The name on the command line. */
  readonly name: string;
  /** Of Perl's scripts, which pad: a missing reference is one of length 0, and every item has as many. */
  readonly padsReferences?: boolean;
  /** False where resampled items' sums say nothing of the score, as of what items make together. */
  readonly hasInterval?: boolean;
  /** What each item adds to the corpus' sums; what weighs n-grams by how common they are needs all references for it. */
  statistics(hypotheses: readonly string[], references: PresentReferences): (readonly number[])[];
  /** The corpus score from the sums. */
  score(sums: readonly number[]): number;
  /** Everything the score depends on beside the texts, in one line to print beside it. */
  signature(references: References): string;
  /** The line that the official script prints, where scores are quoted by it. */
  line?(sums: readonly number[]): string;
}

/** A metric's `statistics` where an item's do not depend on the others. */
export function itemByItem(
  statistics: (hypothesis: string, references: readonly string[]) => readonly number[],
): Metric['statistics'] {
  return (hypotheses, references) => hypotheses.map((text, i) => statistics(text, references[i] ?? []));
}

/** The mean over items of a value, as a metric's `score`: the sums are the values' and the items' count. */
export function mean([sum = 0, count = 0]: readonly number[]): number {
  return sum / count;
}

/** The signature's `nrefs:N`: how many references each item has, `var` where that varies. */
export function referenceCount(references: References): string {
  const counts = new Set(references.map((item) => item.filter((text) => text !== null).length));
  return `nrefs:${counts.size === 1 ? [...counts][0] : 'var'}`;
}
