/** What Python's `str.split` and `str.strip` take for white space; JavaScript's `\s` differs in U+001C-1F, U+0085, U+FEFF. */
const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
/** What Unicode and Perl's `\s` take for white space: Python's without U+001C-1F. */
export const unicodeSpace = '[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const perlRuns = new RegExp(`${unicodeSpace}+`, 'u');
const runs = new RegExp(`${space}+`, 'u');
const trailing = new RegExp(`(?<!${space})${space}+$`, 'u');

/** The words of a text, as Python's `str.split()` gives them. */
export function words(text: string): string[] {
  return text.split(runs).filter((word) => word !== '');
}

/** A text without white space at its end, as Python's `str.rstrip()` gives it. */
export function trimEnd(text: string): string {
  return text.replace(trailing, '');
}

/** The words of a text, as Perl's `split` gives them of text it knows to be Unicode. */
export function perlWords(text: string): string[] {
  return text.split(perlRuns).filter((word) => word !== '');
}

/** The words of a text, as Perl's `split` gives them of bytes: only ASCII's white space separates. */
export function asciiWords(text: string): string[] {
  return text.split(/[\t-\r ]+/).filter((word) => word !== '');
}

/** A text with A to Z in lower case, every other letter as it is. */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
