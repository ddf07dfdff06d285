import { DataError } from '../errors';
import { type BootstrapConfig, bootstrapInterval } from './bootstrapInterval';
import type { Metric, References } from './metric';

export type CorpusScore = {
  readonly score: number;
  readonly signature: string;
  /** 95 % bootstrap interval over the items; null for a single one. */
  readonly interval: readonly [number, number] | null;
  /** How many items were scored. */
  readonly n: number;
};

/** Each item's statistics. Throws DataError when the counts differ or an item has no reference at all. */
export function itemStatistics(
  metric: Metric,
  hypotheses: readonly string[],
  references: References,
): (readonly number[])[] {
  if (hypotheses.length === 0) throw new DataError(`${metric.name}: no hypothesis to score`);
  if (hypotheses.length !== references.length)
    throw new DataError(
      `${metric.name}: hypotheses and references must be as many; found ${hypotheses.length} and ${references.length}`,
    );
  return hypotheses.map((hypothesis, i) => {
    const present = (references[i] ?? []).filter((text) => text !== null);
    if (present.length === 0) throw new DataError(`${metric.name}: hypothesis ${i + 1} has no reference`);
    return metric.statistics(hypothesis, present);
  });
}

/** A corpus' score with its bootstrap interval. */
export function corpusScore(
  metric: Metric,
  hypotheses: readonly string[],
  references: References,
  bootstrap: Partial<BootstrapConfig> = {},
): CorpusScore {
  const items = itemStatistics(metric, hypotheses, references);
  const score = (sums: readonly number[]): number => metric.score(sums);
  return {
    score: score(sumColumns(items)),
    signature: metric.signature(references),
    interval: bootstrapInterval(items, score, bootstrap),
    n: items.length,
  };
}

/** The sum over items of each statistic. */
export function sumColumns(items: readonly (readonly number[])[]): number[] {
  return (items[0] ?? []).map((_, column) => items.reduce((sum, item) => sum + (item[column] as number), 0));
}
