import { itemByItem, mean, type Metric, referenceCount } from './metric';
import { porterStem } from './porterStemmer';
import { words } from './whitespace';
import { synonyms } from './wordNet';

const [alpha, beta, gamma] = [0.9, 3, 0.5];

/** A word and where in its text it stands. */
type Placed = { readonly at: number; readonly word: string };
type Pair = readonly [inHypothesis: number, inReference: number];

/**
 * Takes from the hypothesis' end each word whose candidates the reference still holds, pairs it with the last such, and
 * returns the pairs and what is left of both.
 */
function pair(
  hypothesis: readonly Placed[],
  reference: readonly Placed[],
  candidates: (word: string) => Iterable<string>,
): { readonly pairs: Pair[]; readonly hypothesis: Placed[]; readonly reference: Placed[] } {
  const places = new Map<string, number[]>();
  reference.forEach(({ word }, i) => {
    const list = places.get(word);
    if (list === undefined) places.set(word, [i]);
    else list.push(i);
  });
  const pairs: Pair[] = [];
  const taken = new Set<number>();
  const left: Placed[] = [];
  for (const own of [...hypothesis].reverse()) {
    let last = -1;
    for (const word of candidates(own.word)) last = Math.max(last, places.get(word)?.at(-1) ?? -1);
    const other = reference[last];
    if (other === undefined) {
      left.push(own);
      continue;
    }
    places.get(other.word)?.pop();
    taken.add(last);
    pairs.push([own.at, other.at]);
  }
  return { pairs, hypothesis: left.reverse(), reference: reference.filter((_, i) => !taken.has(i)) };
}

const stemmed = (placed: readonly Placed[]): Placed[] =>
  placed.map(({ at, word }) => ({ at, word: porterStem(word) }));

/** How many runs of words that follow each other in both texts the pairs form. */
function chunks(pairs: readonly Pair[]): number {
  return pairs.filter(([own, other], i) => {
    const before = pairs[i - 1];
    return before === undefined || own !== before[0] + 1 || other !== before[1] + 1;
  }).length;
}

/** METEOR of two texts' words: as they are, then their stems, then synonyms of the stems are paired. */
export function meteor(hypothesis: readonly string[], reference: readonly string[]): number {
  const placed = (text: readonly string[]): Placed[] =>
    text.map((word, at) => ({ at, word: word.toLowerCase() }));
  const same = pair(placed(hypothesis), placed(reference), (word) => [word]);
  const stems = pair(stemmed(same.hypothesis), stemmed(same.reference), (word) => [word]);
  const synonymous = pair(stems.hypothesis, stems.reference, (word) => [...synonyms(word), word]);
  const pairs = [...same.pairs, ...stems.pairs, ...synonymous.pairs].sort(([a], [b]) => a - b);
  if (pairs.length === 0) return 0;
  const [precision, recall] = [pairs.length / hypothesis.length, pairs.length / reference.length];
  const f = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  return (1 - gamma * (chunks(pairs) / pairs.length) ** beta) * f;
}

/**
 * METEOR as NLTK defines it, on words split at white space; the mean over items of the best over their references, 0 to 1.
 * It is not the official Java METEOR 1.5, which has other weights, paraphrases and function words: the numbers differ.
 *
 * Reference: Lavie and Agarwal 2007, "METEOR: An Automatic Metric for MT Evaluation with High Levels of Correlation with
 * Human Judgments"; NLTK 3.10, `nltk.translate.meteor_score`; WordNet 3.0.
 */
export const meteorNltk: Metric = {
  name: 'meteor-nltk',
  statistics: itemByItem((hypothesis, references) => {
    const own = words(hypothesis);
    return [Math.max(...references.map((reference) => meteor(own, words(reference)))), 1];
  }),
  score: mean,
  signature: (references) =>
    [
      referenceCount(references),
      'case:lc',
      'tok:none',
      'stem:porter',
      'synonyms:wordnet-3.0',
      'version:nltk-3.10',
    ].join('|'),
};
