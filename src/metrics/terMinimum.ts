import { itemByItem, mean, type Metric, referenceCount } from './metric';
import { nltkWords } from './nltkWords';

/** Code points compare as Python's strings do, which UTF-16 units do not. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Words as numbers that sort as the words do. */
function ranked(texts: readonly (readonly string[])[]): number[][] {
  const ranks = new Map([...new Set(texts.flat())].sort(byCodePoint).map((word, rank) => [word, rank]));
  return texts.map((text) => text.map((word) => ranks.get(word) ?? 0));
}

/** Edits between two texts, words inserted, deleted or substituted. */
function distance(a: readonly number[], b: readonly number[]): number {
  let above = b.map((_, j) => j + 1);
  a.forEach((word, i) => {
    const row: number[] = [];
    let [left, corner] = [i + 1, i];
    b.forEach((other, j) => {
      const up = above[j] as number;
      left = Math.min(up + 1, left + 1, corner + (word === other ? 0 : 1));
      corner = up;
      row.push(left);
    });
    above = row;
  });
  return above.at(-1) ?? a.length;
}

/** Whether one text sorts behind another of the same length. */
function isBehind(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((word, k) => word !== b[k]);
  return i !== -1 && (a[i] as number) > (b[i] as number);
}

/** PyTER's edits: the shift that saves most, of equals the text that sorts last, until none saves anything. */
export function pyterEdits(hypothesis: readonly string[], reference: readonly string[]): number {
  const [start = [], goal = []] = ranked([hypothesis, reference]);
  let order = start;
  let edits = distance(order, goal);
  for (let shifts = 0; ; shifts++) {
    let best: readonly [edits: number, order: number[]] | undefined;
    for (let from = 0; from < order.length; from++)
      for (let to = 0; to < goal.length; to++) {
        if (from === to || order[from] !== goal[to]) continue;
        let length = 1;
        while (
          from + length < order.length &&
          to + length < goal.length &&
          order[from + length] === goal[to + length]
        )
          length++;
        const moved = [...order];
        moved.splice(to, 0, ...moved.splice(from, length));
        const left = distance(moved, goal);
        if (best === undefined || left < best[0] || (left === best[0] && isBehind(moved, best[1])))
          best = [left, moved];
      }
    if (best === undefined || best[0] >= edits) return shifts + edits;
    [edits, order] = best;
  }
}

/** The smallest rate over the references; an empty one has the rate 1, as in the script. */
function statistics(hypothesis: string, references: readonly string[]): number[] {
  const own = nltkWords(hypothesis);
  const rates = references.map((reference) => {
    const words = nltkWords(reference);
    return words.length === 0 ? 1 : pyterEdits(own, words) / words.length;
  });
  return [100 * Math.min(...rates), 1];
}

/**
 * TER as the WebNLG challenge's script computes it: the mean over items of the smallest rate over their references, on
 * words of NLTK, case counts, with PyTER's greedy shifts. A missing reference is an empty line of its file and has the
 * rate 100, so an item that lacks one cannot score worse.
 *
 * Reference: WebNLG 2020, `GenerationEval/eval.py`; PyTER 0.3.
 */
export const terMinimum: Metric = {
  name: 'ter-webnlg',
  padsReferences: true,
  statistics: itemByItem(statistics),
  score: mean,
  signature: (references) =>
    [referenceCount(references), 'case:mixed', 'tok:nltk', 'refs:minimum', 'script:pyter'].join('|'),
};
