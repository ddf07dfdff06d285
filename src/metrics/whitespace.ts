/** What Python's `str.split` and `str.strip` take for white space; JavaScript's `\s` differs in U+001C-1F, U+0085, U+FEFF. */
const space = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
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
