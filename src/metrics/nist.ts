import { bleuTokenizers } from './bleuTokenizers';
import { type Metric, referenceCount } from './metric';
import { countNgrams } from './ngrams';
import { asciiLowerCase, perlWords } from './whitespace';

const order = 5;
/** The brevity penalty is 0.5 where the hypotheses are two thirds as long as the references. */
const beta = -Math.log(0.5) / Math.log(1.5) ** 2;

function tokens(text: string): string[] {
  return perlWords(bleuTokenizers['13a'](asciiLowerCase(text)));
}

/** How much each n-gram of the references tells: log2 of (its first n - 1 words' count / its own count). */
function information(references: readonly (readonly string[])[]): Map<string, number>[] {
  const counts = Array.from({ length: order }, () => new Map<string, number>());
  let words = 0;
  for (const reference of references) {
    words += reference.length;
    countNgrams(reference, order).forEach((ofOrder, n) => {
      const total = counts[n] as Map<string, number>;
      for (const [ngram, count] of ofOrder) total.set(ngram, count + (total.get(ngram) ?? 0));
    });
  }
  return counts.map((ofOrder, n) => {
    const info = new Map<string, number>();
    for (const [ngram, count] of ofOrder) {
      const prefix = n === 0 ? '' : ngram.slice(0, ngram.lastIndexOf(' '));
      // The script asks whether the prefix is true, and Perl's '0' is not.
      const above = prefix === '' || prefix === '0' ? words : (counts[n - 1]?.get(prefix) ?? 0);
      info.set(ngram, Math.log2(above / count));
    }
    return info;
  });
}

/** Sums of an item: information of matched n-grams by n, n-grams by n, words and number of its references, items. */
function statistics(
  hypothesis: readonly string[],
  references: readonly (readonly string[])[],
  info: readonly Map<string, number>[],
): number[] {
  const counted = references.map((reference) => countNgrams(reference, order));
  const matched = countNgrams(hypothesis, order).map((counts, n) => {
    let sum = 0;
    for (const [ngram, count] of counts) {
      let allowed = 0;
      for (const reference of counted) allowed = Math.max(allowed, reference[n]?.get(ngram) ?? 0);
      if (allowed > 0) sum += (info[n]?.get(ngram) ?? 0) * Math.min(count, allowed);
    }
    return sum;
  });
  const total = matched.map((_, n) => Math.max(0, hypothesis.length - n));
  const words = references.reduce((sum, reference) => sum + reference.length, 0);
  const present = references.filter((reference) => reference.length > 0).length;
  return [...matched, ...total, words, present, 1];
}

function scoreSums(sums: readonly number[]): number {
  const [words = 0, present = 0, items = 0] = sums.slice(2 * order);
  const ratio = (sums[order] as number) / (words / (present / items));
  if (!(ratio > 0)) return 0;
  const penalty = ratio >= 1 ? 1 : Math.exp(-beta * Math.log(ratio) ** 2);
  let score = 0;
  for (let n = 0; n < order; n++) score += (sums[n] as number) / Math.max(1, sums[order + n] as number);
  return penalty * score;
}

/**
 * NIST, equal to mteval-v13a's in the version of the E2E challenge, which allows for varying numbers of references: the sum
 * over n = 1..5 of (information of matched n-grams / n-grams), times exp(-beta ln(min(1, ratio))^2), where ratio is the
 * hypotheses' words over (the references' words / the mean number of references). Not bounded above; ASCII in lower case.
 *
 * Resampling items leaves each n-gram's information, which is the references', as it is.
 *
 * Reference: Doddington 2002, "Automatic Evaluation of Machine Translation Quality Using N-gram Co-Occurrence
 * Statistics"; mteval-v13a.
 */
export const nist: Metric = {
  name: 'nist',
  statistics(hypotheses, references) {
    const referenceTokens = references.map((item) => item.map(tokens));
    const info = information(referenceTokens.flat());
    return hypotheses.map((hypothesis, i) => statistics(tokens(hypothesis), referenceTokens[i] ?? [], info));
  },
  score: scoreSums,
  signature: (references) =>
    [referenceCount(references), 'case:lc', 'tok:13a', 'script:mteval-v13a'].join('|'),
};
