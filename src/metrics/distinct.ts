import type { Metric } from './metric';
import { countNgrams } from './ngrams';
import { words } from './whitespace';

/**
 * Distinct-n: different n-grams of all hypotheses over all their n-grams, words split at white space, in lower case; 0 to 1.
 * Longer corpora repeat themselves more, so only corpora of like size compare. References play no part.
 *
 * Each occurrence of an n-gram adds 1 / how often it occurs, so that an item's share is known; a resampled corpus repeats
 * items, which no sum can undo, hence no interval.
 *
 * Reference: Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models".
 */
export function distinctMetric(name: string, n: number): Metric {
  return {
    name,
    hasInterval: false,
    statistics(hypotheses) {
      const counted = hypotheses.map(
        (text) => countNgrams(words(text.toLowerCase()), n)[n - 1] ?? new Map<string, number>(),
      );
      const totals = new Map<string, number>();
      for (const counts of counted)
        for (const [ngram, count] of counts) totals.set(ngram, count + (totals.get(ngram) ?? 0));
      return counted.map((counts) => {
        let [share, total] = [0, 0];
        for (const [ngram, count] of counts) {
          share += count / (totals.get(ngram) ?? 1);
          total += count;
        }
        return [share, total];
      });
    },
    score: ([share = 0, total = 0]) => (total === 0 ? 0 : share / total),
    signature: () => `n:${n}|case:lc|tok:none`,
  };
}
