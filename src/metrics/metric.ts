/** The references of each hypothesis; null marks one that is missing, an empty text is a reference of length 0. */
export type References = readonly (readonly (string | null)[])[];

/** A corpus metric whose score follows from sums over the items, so that resampling them costs additions only. */
export interface Metric {
  /** The name on the command line. */
  readonly name: string;
  /** What one item adds to the corpus' sums. */
  statistics(hypothesis: string, references: readonly string[]): readonly number[];
  /** The corpus score from the sums. */
  score(sums: readonly number[]): number;
  /** Everything the score depends on beside the texts, in one line to print beside it. */
  signature(references: References): string;
}
