import { itemStatistics, sumColumns } from './corpusScore';
import { bleuTokenizers } from './bleuTokenizers';
import { itemByItem, type Metric, referenceCount, type References } from './metric';
import { countNgrams } from './ngrams';
import { asciiLowerCase, trimEnd, words } from './whitespace';

export type BleuConfig = {
  readonly tokenize: keyof typeof bleuTokenizers;
  /** `ascii` leaves letters beyond A to Z as they are, as mteval-v13a does. */
  readonly lowercase: boolean | 'ascii';
  /** Leave out the orders that no hypothesis is long enough for: for single sentences. */
  readonly effectiveOrder: boolean;
  readonly smoothing: keyof typeof smoothingValues;
  /** Of `floor` (0.1 where it is left out) and `add-k` (1). */
  readonly smoothingValue?: number;
};

export type BleuScore = {
  /** 0 to 100. */
  readonly score: number;
  /** Percent of the n-grams found in a reference, n = 1 to 4, smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly hypothesisLength: number;
  /** Sum over items of the reference length closest to the hypothesis', the shorter where two are. */
  readonly referenceLength: number;
  readonly signature: string;
};

const order = 4;
const smoothingValues = { exp: undefined, floor: 0.1, 'add-k': 1, none: undefined };

export const bleuDefaults: BleuConfig = {
  tokenize: '13a',
  lowercase: false,
  effectiveOrder: false,
  smoothing: 'exp',
};

/** A text's words as BLEU counts them. */
export function bleuWords(text: string, { tokenize, lowercase }: BleuConfig): string[] {
  const cased =
    lowercase === false ? text : lowercase === 'ascii' ? asciiLowerCase(text) : text.toLowerCase();
  return words(bleuTokenizers[tokenize](trimEnd(cased)));
}

/** The length closest to the hypothesis', the shorter of two as close. */
function closestLength(length: number, referenceLengths: readonly number[]): number {
  return referenceLengths.reduce((best, candidate) => {
    const gain = Math.abs(best - length) - Math.abs(candidate - length);
    return gain > 0 || (gain === 0 && candidate < best) ? candidate : best;
  });
}

/** One item's sums: hypothesis length, closest reference length, matched n-grams by n, n-grams by n. */
export function bleuStatistics(
  hypothesis: readonly string[],
  references: readonly (readonly string[])[],
): readonly number[] {
  const { length } = hypothesis;
  const counted = references.map((reference) => countNgrams(reference, order));
  const matched = countNgrams(hypothesis, order).map((counts, n) => {
    let found = 0;
    for (const [ngram, count] of counts) {
      let allowed = 0;
      for (const reference of counted) allowed = Math.max(allowed, reference[n]?.get(ngram) ?? 0);
      found += Math.min(count, allowed);
    }
    return found;
  });
  const closest = closestLength(
    length,
    references.map((reference) => reference.length),
  );
  return [length, closest, ...matched, ...matched.map((_, n) => Math.max(0, length - n))];
}

function scoreSums(sums: readonly number[], config: BleuConfig): Omit<BleuScore, 'signature'> {
  const [hypothesisLength = 0, referenceLength = 0] = sums;
  const matched = sums.slice(2, 2 + order);
  const total = sums.slice(2 + order);
  const value = config.smoothingValue ?? smoothingValues[config.smoothing] ?? 0;
  const brevityPenalty =
    hypothesisLength >= referenceLength
      ? 1
      : hypothesisLength > 0
        ? Math.exp(1 - referenceLength / hypothesisLength)
        : 0;
  const precisions = new Array<number>(order).fill(0);
  const lengths = { brevityPenalty, hypothesisLength, referenceLength };
  if (matched.every((count) => count === 0)) return { score: 0, precisions, ...lengths };

  let orders = order;
  let unseen = 1;
  for (let n = 0; n < order; n++) {
    const added = config.smoothing === 'add-k' && n > 0 ? value : 0;
    const found = (matched[n] as number) + added;
    const all = (total[n] as number) + added;
    if (all === 0) break;
    if (config.effectiveOrder) orders = n + 1;
    if (found > 0) precisions[n] = (100 * found) / all;
    else if (config.smoothing === 'exp') precisions[n] = 100 / ((unseen *= 2) * all);
    else if (config.smoothing === 'floor') precisions[n] = (100 * value) / all;
  }
  const logarithms = precisions.slice(0, orders).reduce((sum, p) => sum + Math.log(p), 0);
  return { score: brevityPenalty * Math.exp(logarithms / orders), precisions, ...lengths };
}

/** BLEU of the sums that `bleuStatistics` gives of an item, or of a corpus' items together. */
export function bleuScore(sums: readonly number[], config: BleuConfig): number {
  return scoreSums(sums, config).score;
}

/** sacrebleu's one-line description, e.g. `nrefs:3|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0`. */
function signature(references: References, config: BleuConfig): string {
  const value = config.smoothingValue ?? smoothingValues[config.smoothing];
  const parameter = smoothingValues[config.smoothing] === undefined ? '' : `[${value?.toFixed(2)}]`;
  return [
    referenceCount(references),
    `case:${config.lowercase === false ? 'mixed' : 'lc'}`,
    `eff:${config.effectiveOrder ? 'yes' : 'no'}`,
    `tok:${config.tokenize}`,
    `smooth:${config.smoothing}${parameter}`,
    'version:2.6.0',
  ].join('|');
}

/** BLEU as a metric to be resampled (see `bleu` for the score). */
export function bleuMetric(name: string, config: BleuConfig): Metric {
  return {
    name,
    statistics: itemByItem((hypothesis, references) =>
      bleuStatistics(
        bleuWords(hypothesis, config),
        references.map((reference) => bleuWords(reference, config)),
      ),
    ),
    score: (sums) => scoreSums(sums, config).score,
    signature: (references) => signature(references, config),
  };
}

/**
 * Corpus BLEU, equal to sacrebleu's: brevity penalty x exp(mean over n = 1..4 of ln precision_n), times 100.
 *
 * `references[i]` are those of `hypotheses[i]`; null is a missing one and is left out, '' is one of length 0. Throws
 * DataError when the counts differ or an item has no reference.
 *
 * Reference: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"; Post 2018, "A Call
 * for Clarity in Reporting BLEU Scores" (sacrebleu 2.6).
 */
export function bleu(
  hypotheses: readonly string[],
  references: References,
  config: Partial<BleuConfig> = {},
): BleuScore {
  const full = { ...bleuDefaults, ...config };
  const sums = sumColumns(itemStatistics(bleuMetric('bleu', full), hypotheses, references));
  return { ...scoreSums(sums, full), signature: signature(references, full) };
}

/** BLEU of one sentence: as `bleu`, with effective order unless the config says otherwise. */
export function sentenceBleu(
  hypothesis: string,
  references: readonly (string | null)[],
  config: Partial<BleuConfig> = {},
): BleuScore {
  return bleu([hypothesis], [references], { effectiveOrder: true, ...config });
}
