import { mean, type Metric, referenceCount } from './metric';
import { countNgrams } from './ngrams';
import { captionWords } from './rougeLCoco';
import { words } from './whitespace';

const order = 4;
const sigma = 6;

/** N-grams by n with their weights (count times inverse document frequency), the weights' lengths, bigrams in all. */
type Vector = {
  readonly weights: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  readonly length: number;
};

/** How many items have an n-gram in any of their references. */
function documentFrequencies(items: readonly (readonly Map<string, number>[])[][]): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const references of items) {
    const present = new Set(references.flatMap((counts) => counts.flatMap((ofOrder) => [...ofOrder.keys()])));
    for (const ngram of present) frequencies.set(ngram, (frequencies.get(ngram) ?? 0) + 1);
  }
  return frequencies;
}

function vector(
  counts: readonly Map<string, number>[],
  frequencies: ReadonlyMap<string, number>,
  items: number,
): Vector {
  const weights = counts.map((ofOrder) => {
    const weighted = new Map<string, number>();
    for (const [ngram, count] of ofOrder)
      weighted.set(ngram, count * (Math.log(items) - Math.log(Math.max(1, frequencies.get(ngram) ?? 0))));
    return weighted;
  });
  const norms = weights.map((ofOrder) => {
    let squares = 0;
    for (const weight of ofOrder.values()) squares += weight ** 2;
    return Math.sqrt(squares);
  });
  let length = 0;
  for (const count of counts[1]?.values() ?? []) length += count;
  return { weights, norms, length };
}

/** The mean over n of the clipped cosine, times the penalty on how much longer or shorter the hypothesis is. */
function similarity(hypothesis: Vector, reference: Vector): number {
  const penalty = Math.exp(-((hypothesis.length - reference.length) ** 2) / (2 * sigma ** 2));
  let sum = 0;
  hypothesis.weights.forEach((weights, n) => {
    const wanted = reference.weights[n] as ReadonlyMap<string, number>;
    let product = 0;
    for (const [ngram, weight] of weights) {
      const other = wanted.get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    const norms = (hypothesis.norms[n] as number) * (reference.norms[n] as number);
    sum += norms === 0 ? product : product / norms;
  });
  return (penalty * sum) / order;
}

/**
 * CIDEr-D as coco-caption computes it: ten times the mean, over items and their references, of the n-grams' (n = 1..4)
 * TF-IDF cosine, clipped to the reference's weights, with a Gaussian penalty (sigma 6) on the difference in length. The
 * document frequencies are those of the references scored, and resampling items leaves them as they are. 0 to 10.
 *
 * Reference: Vedantam, Zitnick and Parikh 2015, "CIDEr: Consensus-based Image Description Evaluation"; coco-caption,
 * `cider/cider_scorer.py`.
 */
export const cider: Metric = {
  name: 'cider',
  statistics(hypotheses, references) {
    const caption = captionWords(hypotheses, references);
    // The scorer joins the words and splits at all white space, also that within a token (`3 1/2`).
    const counted = (tokens: readonly string[]): Map<string, number>[] =>
      countNgrams(words(tokens.join(' ')), order);
    const counts = caption.references.map((item) => item.map(counted));
    const frequencies = documentFrequencies(counts);
    return caption.hypotheses.map((own, i) => {
      const hypothesis = vector(counted(own), frequencies, hypotheses.length);
      const item = counts[i] ?? [];
      const sum = item.reduce(
        (total, reference) =>
          total + similarity(hypothesis, vector(reference, frequencies, hypotheses.length)),
        0,
      );
      return [(10 * sum) / item.length, 1];
    });
  },
  score: mean,
  signature: (references) =>
    [referenceCount(references), 'case:lc', 'tok:ptb', 'n:4', 'sigma:6', 'script:coco-caption'].join('|'),
};
