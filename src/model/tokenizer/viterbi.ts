import type { Trie } from './trie';

/** One step of a segmentation: the piece's index (-1: a character that no piece covers) and where it starts. */
export type Step = { readonly piece: number; readonly start: number };

/** Length in code units of the character at a position. */
export function characterLength(text: string, at: number): 1 | 2 {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00 ? 2 : 1;
}

/**
 * The segmentation of a text with the highest sum of scores; of equal sums, the one whose last piece starts first. A
 * character that is no piece by itself may also be taken alone, at `unknownScore`. Time is linear in the text.
 */
export function viterbi(text: string, trie: Trie, scores: Float64Array, unknownScore: number): Step[] {
  const length = text.length;
  const best = new Float64Array(length + 1);
  const starts = new Int32Array(length + 1).fill(-1);
  const pieces = new Int32Array(length + 1).fill(-1);

  const offer = (start: number, end: number, piece: number, score: number): void => {
    const total = score + (best[start] as number);
    if (starts[end] !== -1 && total <= (best[end] as number)) return;
    best[end] = total;
    starts[end] = start;
    pieces[end] = piece;
  };

  for (let start = 0; start < length;) {
    const next = start + characterLength(text, start);
    let single = false;
    for (let end = start, node = 0; end < length;) {
      node = trie.step(node, text.charCodeAt(end++));
      if (node === -1) break;
      const piece = trie.pieceAt(node);
      if (piece === -1) continue;
      offer(start, end, piece, scores[piece] as number);
      if (end === next) single = true;
    }
    if (!single) offer(start, next, -1, unknownScore);
    start = next;
  }

  const steps: Step[] = [];
  for (let end = length; end > 0;) {
    const start = starts[end] as number;
    steps.push({ piece: pieces[end] as number, start });
    end = start;
  }
  return steps.reverse();
}
