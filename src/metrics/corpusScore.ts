import { DataError } from '../errors';
import { type BootstrapConfig, bootstrapInterval } from './bootstrapInterval';
import type { Metric, PresentReferences, References } from './metric';

export type CorpusScore = {
  readonly score: number;
  readonly signature: string;
  /** 95 % bootstrap interval over the items; null for a single one, or where the metric has none. */
  readonly interval: readonly [number, number] | null;
  /** How many items were scored. */
  readonly n: number;
  /** The official script's own output line, of the metrics that have one. */
  readonly line?: string;
};

function presentReferences(metric: Metric, references: References): PresentReferences {
  if (metric.padsReferences === true) {
    const width = Math.max(1, ...references.map((item) => item.length));
    return references.map((item) => Array.from({ length: width }, (_, i) => item[i] ?? ''));
  }
  return references.map((item, i) => {
    const present = item.filter((text) => text !== null);
    if (present.length === 0) throw new DataError(`${metric.name}: hypothesis ${i + 1} has no reference`);
    return present;
  });
}

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
  return metric.statistics(hypotheses, presentReferences(metric, references));
}

/** A corpus' score from its items' statistics, with its bootstrap interval. */
export function scoreItems(
  metric: Metric,
  items: readonly (readonly number[])[],
  references: References,
  bootstrap: Partial<BootstrapConfig> = {},
): CorpusScore {
  const sums = sumColumns(items);
  return {
    score: metric.score(sums),
    signature: metric.signature(references),
    interval:
      metric.hasInterval === false
        ? null
        : bootstrapInterval(items, (drawn) => metric.score(drawn), bootstrap),
    n: items.length,
    ...(metric.line === undefined ? {} : { line: metric.line(sums) }),
  };
}

/** A corpus' score with its bootstrap interval. */
export function corpusScore(
  metric: Metric,
  hypotheses: readonly string[],
  references: References,
  bootstrap: Partial<BootstrapConfig> = {},
): CorpusScore {
  return scoreItems(metric, itemStatistics(metric, hypotheses, references), references, bootstrap);
}

/** The sum over items of each statistic. */
export function sumColumns(items: readonly (readonly number[])[]): number[] {
  return (items[0] ?? []).map((_, column) => items.reduce((sum, item) => sum + (item[column] as number), 0));
}
