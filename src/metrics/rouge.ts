import { longestCommonSubsequence } from './longestCommonSubsequence';
import { itemByItem, mean, type Metric, referenceCount } from './metric';
import { countNgrams } from './ngrams';
import { porterStem } from './porterStemmer';

/** ROUGE-1, ROUGE-2, ROUGE-L. */
export type RougeVariant = 1 | 2 | 'l';

/** Runs of a to z and 0 to 9 in lower case, those of more than three characters stemmed. */
function tokens(text: string): string[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((word) =>
    word.length > 3 ? porterStem(word) : word,
  );
}

function fMeasure(found: number, inHypothesis: number, inReference: number): number {
  if (found === 0) return 0;
  const [precision, recall] = [found / inHypothesis, found / inReference];
  return (2 * precision * recall) / (precision + recall);
}

function score(hypothesis: readonly string[], reference: readonly string[], variant: RougeVariant): number {
  if (variant === 'l') {
    const common = longestCommonSubsequence(hypothesis, reference);
    return fMeasure(common, hypothesis.length, reference.length);
  }
  const counts = countNgrams(hypothesis, variant)[variant - 1] ?? new Map<string, number>();
  const wanted = countNgrams(reference, variant)[variant - 1];
  let found = 0;
  for (const [ngram, count] of counts) found += Math.min(count, wanted?.get(ngram) ?? 0);
  const total = (words: readonly string[]): number => words.length - variant + 1;
  return fMeasure(found, total(hypothesis), total(reference));
}

/**
 * ROUGE-1, ROUGE-2 and ROUGE-L, equal to rouge-score's with its stemmer: the mean over items of F1 of shared n-grams, or of
 * the longest common subsequence; of several references the best counts. 0 to 100.
 *
 * Reference: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"; rouge-score 0.1.2.
 */
export function rougeMetric(name: string, variant: RougeVariant): Metric {
  return {
    name,
    statistics: itemByItem((hypothesis, references) => {
      const own = tokens(hypothesis);
      return [100 * Math.max(...references.map((reference) => score(own, tokens(reference), variant))), 1];
    }),
    score: mean,
    signature: (references) =>
      [
        referenceCount(references),
        'case:lc',
        'tok:rouge-score',
        'stem:porter',
        'refs:best',
        'version:0.1.2',
      ].join('|'),
  };
}
