/** Ranges of code points in hexadecimal, `a-f 20`, as the inside of a character class. */
export function codePoints(ranges: string): string {
  return ranges.replace(/[0-9a-f]+/g, '\\u{$&}').replace(/\s/g, '');
}

const ASSIGNED_IN_17 = `
  88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce
  10940-10959 10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8
  16ebb-16ed3 16ff2-16ff6 187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0
  1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd
  1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead 323b0-33479
`;

const PUNCTUATION_SINCE_8 = `
  61d 9fd a76 c77 c84 1b4e-1b4f 1b7d-1b7f 2e43-2e4f 2e52-2e5d 10d6e 10ead 10ed0 10f55-10f59 10f86-10f89
  113d4-113d5 113d7-113d8 1144b-1144f 1145a-1145b 1145d 11660-1166c 116b9 1183b 11944-11946 119e2
  11a3f-11a46 11a9a-11a9c 11a9e-11aa2 11b00-11b09 11be1 11c41-11c45 11c70-11c71 11ef7-11ef8 11f43-11f4f
  11fff 12ff1-12ff2 16d6d-16d6f 16e97-16e9a 16fe2 1e5ff 1e95e-1e95f
`;
const PUNCTUATION_UNTIL_8 = '166d 111c9';

const newer = new RegExp(`[${codePoints(ASSIGNED_IN_17)}]`, 'gu');

/**
 * A text of the same length in which characters of Unicode 17 are unassigned ones. Hugging Face's regular expressions
 * know Unicode 16, Node's may know more: letters to one are nothing to the other, so matches are looked for in this.
 */
export function asUnicode16(text: string): string {
  return text.replace(newer, (character) => (character.length === 1 ? '\u0378' : '\u{3fffd}'));
}

/** Punctuation by the tables of Unicode 8, and all of ASCII's: what Hugging Face's Punctuation pre-tokenizer splits at. */
export const PUNCTUATION = new RegExp(
  `(?![${codePoints(PUNCTUATION_SINCE_8)}])[\\p{P}$+<=>^\`|~${codePoints(PUNCTUATION_UNTIL_8)}]`,
  'gu',
);
