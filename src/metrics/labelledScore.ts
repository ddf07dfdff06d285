import { type CorpusScore, corpusScore } from './corpusScore';
import type { Metric, References } from './metric';

/** A corpus' score, and that of each label's items alone where there are labels. */
export type LabelledScore = CorpusScore & { readonly byLabel?: Readonly<Record<string, CorpusScore>> };

/**
 * A corpus' score, and beside it the score of each label's items as a corpus of their own, as WebNLG's test is reported:
 * seen, unseen entities, unseen categories. An item without a label counts for the whole alone.
 */
export function labelledScore(
  metric: Metric,
  hypotheses: readonly string[],
  references: References,
  labels: readonly (string | undefined)[],
): LabelledScore {
  const whole = corpusScore(metric, hypotheses, references);
  const names = [...new Set(labels)].filter((label) => label !== undefined).sort();
  if (names.length === 0) return whole;
  // A label's items stand in as many files of references as all items need.
  const width = Math.max(...references.map((item) => item.length));
  const padded = references.map((item) => Array.from({ length: width }, (_, i) => item[i] ?? null));
  const scoreOf = (name: string): CorpusScore => {
    const own = <T>(items: readonly T[]): T[] => items.filter((_, i) => labels[i] === name);
    return corpusScore(metric, own(hypotheses), own(padded));
  };
  return { ...whole, byLabel: Object.fromEntries(names.map((name) => [name, scoreOf(name)])) };
}
