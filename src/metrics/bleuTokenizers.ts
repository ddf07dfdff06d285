/** What happens to a text before it is split at white space. */
export type BleuTokenizer = (text: string) => string;

/**
 * The tokenizer of mteval-v13a: entities undone, ASCII punctuation split off, periods and commas unless between digits.
 *
 * Reference: sacrebleu 2.6, `tokenizer_13a.py` and `tokenizer_re.py`.
 */
function tokenize13a(text: string): string {
  const plain = text
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
}

/**
 * The international tokenizer of mteval-v14: Unicode punctuation split off unless between numbers, and every symbol.
 *
 * Reference: sacrebleu 2.6, `tokenizer_intl.py`.
 */
function tokenizeIntl(text: string): string {
  return text
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/\p{S}/gu, ' $& ');
}

/** BLEU's tokenizers by their name in the signature. */
export const bleuTokenizers = {
  '13a': tokenize13a,
  intl: tokenizeIntl,
  none: (text: string): string => text,
} satisfies Readonly<Record<string, BleuTokenizer>>;
