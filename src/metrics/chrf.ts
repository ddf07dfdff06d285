import { itemByItem, type Metric, referenceCount } from './metric';
import { words } from './whitespace';

export type ChrfConfig = {
  readonly charOrder: number;
  /** 0: chrF; 2: chrF++. */
  readonly wordOrder: number;
  /** How many times as much recall counts as precision. */
  readonly beta: number;
  readonly lowercase: boolean;
  /** White space counts as characters. */
  readonly whitespace: boolean;
  /** F of each order, then their mean, as chrF++.py does; else F of the mean precision and recall of the orders there are. */
  readonly epsilonSmoothing: boolean;
};

export const chrfDefaults: ChrfConfig = {
  charOrder: 6,
  wordOrder: 0,
  beta: 2,
  lowercase: false,
  whitespace: false,
  epsilonSmoothing: false,
};

const epsilon = 1e-16;
const punctuation = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** Words with a punctuation mark at their end, else at their start, split off: `(hi)` gives `(hi` and `)`. */
function separatePunctuation(text: string): string[] {
  return words(text).flatMap((word) => {
    const characters = [...word];
    const [first = '', last = ''] = [characters[0], characters.at(-1)];
    if (characters.length === 1) return [word];
    if (punctuation.has(last)) return [word.slice(0, -1), last];
    return punctuation.has(first) ? [first, word.slice(1)] : [word];
  });
}

/** How often each sequence of n units occurs, for n = 1 to `order`. */
function countSequences(units: readonly string[], order: number, joint: string): Map<string, number>[] {
  return Array.from({ length: order }, (_, n) => {
    const counts = new Map<string, number>();
    for (let start = 0; start + n < units.length; start++) {
      const sequence = n === 0 ? (units[start] as string) : units.slice(start, start + n + 1).join(joint);
      counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
    }
    return counts;
  });
}

/** Characters' sequences by order, then words'. */
function sequences(text: string, config: ChrfConfig): Map<string, number>[] {
  const cased = config.lowercase ? text.toLowerCase() : text;
  const characters = [...(config.whitespace ? cased : words(cased).join(''))];
  return [
    ...countSequences(characters, config.charOrder, ''),
    ...countSequences(separatePunctuation(cased), config.wordOrder, ' '),
  ];
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** For each order, the hypothesis' sequences (none counted where the reference has none), the reference's, the matches. */
function matches(
  hypothesis: readonly ReadonlyMap<string, number>[],
  reference: readonly ReadonlyMap<string, number>[],
): number[] {
  return hypothesis.flatMap((counts, n) => {
    const wanted = reference[n] as ReadonlyMap<string, number>;
    let found = 0;
    for (const [sequence, count] of counts) found += Math.min(count, wanted.get(sequence) ?? 0);
    return [wanted.size > 0 ? total(counts) : 0, total(wanted), found];
  });
}

function scoreSums(sums: readonly number[], { beta, epsilonSmoothing }: ChrfConfig): number {
  const factor = beta ** 2;
  const orders = sums.length / 3;
  const f = (precision: number, recall: number): number =>
    ((1 + factor) * precision * recall) / (factor * precision + recall);
  let [sumOfF, precisions, recalls, present] = [0, 0, 0, 0];
  for (let n = 0; n < orders; n++) {
    const [inHypothesis = 0, inReference = 0, found = 0] = sums.slice(3 * n, 3 * n + 3);
    const precision = inHypothesis > 0 ? found / inHypothesis : epsilon;
    const recall = inReference > 0 ? found / inReference : epsilon;
    sumOfF += factor * precision + recall > 0 ? f(precision, recall) : epsilon;
    if (inHypothesis === 0 || inReference === 0) continue;
    precisions += precision;
    recalls += recall;
    present++;
  }
  if (epsilonSmoothing) return (100 * sumOfF) / orders;
  return precisions + recalls > 0 ? 100 * f(precisions / present, recalls / present) : 0;
}

/** The statistics against the reference that scores best, the first of equals. */
function statistics(hypothesis: string, references: readonly string[], config: ChrfConfig): number[] {
  const own = sequences(hypothesis, config);
  let best: number[] = [];
  let bestScore = -1;
  for (const reference of references) {
    const candidate = matches(own, sequences(reference, config));
    const score = scoreSums(candidate, config);
    if (score > bestScore) [best, bestScore] = [candidate, score];
  }
  return best;
}

/**
 * chrF (`wordOrder` 0) and chrF++ (2), equal to sacrebleu's: the F score, recall weighing beta times as much as precision,
 * over sequences of 1 to 6 characters and of 1 to `wordOrder` words; of several references the best counts. 0 to 100.
 *
 * Reference: Popovic 2015, "chrF: character n-gram F-score for automatic MT evaluation"; Popovic 2017, "chrF++: words
 * helping character n-grams"; sacrebleu 2.6.
 */
export function chrfMetric(name: string, config: ChrfConfig): Metric {
  return {
    name,
    statistics: itemByItem((hypothesis, references) => statistics(hypothesis, references, config)),
    score: (sums) => scoreSums(sums, config),
    signature: (references) =>
      [
        referenceCount(references),
        `case:${config.lowercase ? 'lc' : 'mixed'}`,
        `eff:${config.epsilonSmoothing ? 'no' : 'yes'}`,
        `nc:${config.charOrder}`,
        `nw:${config.wordOrder}`,
        `space:${config.whitespace ? 'yes' : 'no'}`,
        'version:2.6.0',
      ].join('|'),
  };
}
