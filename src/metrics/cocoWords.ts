import { ptbWords } from './ptbWords';

/** What coco-caption leaves out of a caption. */
const punctuation = new Set("'' ' `` ` -LRB- -RRB- -LCB- -RCB- . ? ! , : - -- ... ;".split(' '));

/**
 * The words that coco-caption scores, of each text: those of the Penn Treebank's manner without punctuation. Brackets are
 * named in capitals there, but the tokenizer has lowered them, so they stay, as they do in the original.
 *
 * Reference: coco-caption, `tokenizer/ptbtokenizer.py`.
 */
export function cocoWords(texts: readonly string[]): string[][] {
  return texts.map((text, i) => ptbWords(text, texts[i + 1]).filter((word) => !punctuation.has(word)));
}
