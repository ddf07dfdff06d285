import { cocoWords } from './cocoWords';
import { longestCommonSubsequence } from './longestCommonSubsequence';
import { mean, type Metric, type PresentReferences, referenceCount } from './metric';

const beta = 1.2;

/** A caption without words has one empty word there: its text is split at spaces. */
const orEmptyWord = (words: readonly string[]): readonly string[] => (words.length === 0 ? [''] : words);

/** F of the best precision and the best recall, which may be of different references. */
function fMeasure(hypothesis: readonly string[], references: readonly (readonly string[])[]): number {
  const own = orEmptyWord(hypothesis);
  let [precision, recall] = [0, 0];
  for (const reference of references.map(orEmptyWord)) {
    const common = longestCommonSubsequence(own, reference);
    precision = Math.max(precision, common / own.length);
    recall = Math.max(recall, common / reference.length);
  }
  if (precision === 0 || recall === 0) return 0;
  return ((1 + beta ** 2) * precision * recall) / (recall + beta ** 2 * precision);
}

/** Words of hypotheses and of each item's references, as the scorer's tokenizer reads them: one file of each. */
export function captionWords(
  hypotheses: readonly string[],
  references: PresentReferences,
): {
  readonly hypotheses: readonly (readonly string[])[];
  readonly references: readonly (readonly string[][])[];
} {
  const words = cocoWords(references.flat());
  let start = 0;
  return {
    hypotheses: cocoWords(hypotheses),
    references: references.map((item) => words.slice(start, (start += item.length))),
  };
}

/**
 * ROUGE-L as coco-caption computes it: the mean over items of F (beta 1.2) of the longest common subsequence's best precision
 * and best recall over the references. 0 to 100.
 *
 * Reference: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries"; coco-caption, `rouge/rouge.py`.
 */
export const rougeLCoco: Metric = {
  name: 'rouge-l-coco',
  statistics(hypotheses, references) {
    const words = captionWords(hypotheses, references);
    return words.hypotheses.map((own, i) => [100 * fMeasure(own, words.references[i] ?? []), 1]);
  },
  score: mean,
  signature: (references) =>
    [referenceCount(references), 'case:lc', 'tok:ptb', 'beta:1.2', 'script:coco-caption'].join('|'),
};
