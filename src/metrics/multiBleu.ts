import { bleuStatistics } from './bleu';
import { bleuTokenizers } from './bleuTokenizers';
import { itemByItem, type Metric, referenceCount } from './metric';
import { asciiWords, perlWords } from './whitespace';

const order = 4;

type MultiBleuScore = {
  /** 0 to 100. */
  readonly score: number;
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly hypothesisLength: number;
  readonly referenceLength: number;
};

function scoreSums(sums: readonly number[]): MultiBleuScore {
  const [hypothesisLength = 0, referenceLength = 0] = sums;
  const precisions = Array.from({ length: order }, (_, n) => {
    const total = sums[2 + order + n] as number;
    return total === 0 ? 0 : (100 * (sums[2 + n] as number)) / total;
  });
  const shorter = hypothesisLength < referenceLength;
  const brevityPenalty =
    referenceLength === 0 ? 0 : shorter ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
  const logarithms = precisions.reduce((sum, precision) => sum + Math.log(precision), 0);
  const score = brevityPenalty * Math.exp(logarithms / order);
  return { score, precisions, brevityPenalty, hypothesisLength, referenceLength };
}

/** A number as C's `printf` rounds it: what lies exactly between two goes to the even digit, where `toFixed` goes up. */
function printed(value: number, digits: number): string {
  const exact = value.toFixed(80);
  const end = exact.indexOf('.') + 1 + digits;
  const isTie = /^50*$/.test(exact.slice(end));
  return isTie && Number(exact[end - 1]) % 2 === 0 ? exact.slice(0, end) : value.toFixed(digits);
}

/** The line that the scripts print, e.g. `BLEU = 45.10, 75.2/51.9/38.0/28.1 (BP=0.983, ratio=0.983, hyp_len=9, ref_len=10)`. */
export function multiBleuLine(sums: readonly number[]): string {
  const { score, precisions, brevityPenalty, hypothesisLength, referenceLength } = scoreSums(sums);
  if (referenceLength === 0) return 'BLEU = 0, 0/0/0/0 (BP=0, ratio=0, hyp_len=0, ref_len=0)';
  const shown = precisions.map((precision) => printed(precision, 1)).join('/');
  const ratio = printed(hypothesisLength / referenceLength, 3);
  const lengths = `hyp_len=${hypothesisLength}, ref_len=${referenceLength}`;
  return `BLEU = ${printed(score, 2)}, ${shown} (BP=${printed(brevityPenalty, 3)}, ratio=${ratio}, ${lengths})`;
}

/**
 * Corpus BLEU as Moses' scripts compute it, with the line they print: no smoothing, case counts, and a missing reference is
 * an empty line of its file, thus one of length 0, which lowers the reference length of short hypotheses.
 *
 * `tokenize` none: `multi-bleu.perl`, words are what ASCII's white space separates. 13a: `multi-bleu-detok.perl`.
 *
 * Reference: Moses, `scripts/generic/multi-bleu.perl` and `multi-bleu-detok.perl`.
 */
export function multiBleuMetric(name: string, tokenize: 'none' | '13a'): Metric {
  const tokens = tokenize === 'none' ? asciiWords : (text: string) => perlWords(bleuTokenizers['13a'](text));
  return {
    name,
    padsReferences: true,
    statistics: itemByItem((hypothesis, references) =>
      bleuStatistics(tokens(hypothesis), references.map(tokens)),
    ),
    score: (sums) => scoreSums(sums).score,
    signature: (references) =>
      [referenceCount(references), 'case:mixed', `tok:${tokenize}`, 'smooth:none', 'script:multi-bleu'].join(
        '|',
      ),
    line: multiBleuLine,
  };
}
