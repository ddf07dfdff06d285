import { z } from 'zod';
import { asUnicode16 } from './unicodeVersion';

/** A literal text or a regular expression in Oniguruma's syntax. */
export type PatternConfig = { readonly String: string } | { readonly Regex: string };

/** Part of a text from `start` to `end`, and whether the pattern matched it. */
export type Span = { readonly start: number; readonly end: number; readonly match: boolean };

const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';
// Oniguruma counts these as word characters too, but not inside a class.
const WORD_OUTSIDE_CLASSES = `${WORD}²³¹¼-¾`;
const ESCAPES: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  f: '\\f',
  v: '\\v',
};
const OUTSIDE_CLASSES: Readonly<Record<string, string>> = {
  w: `[${WORD_OUTSIDE_CLASSES}]`,
  W: `[^${WORD_OUTSIDE_CLASSES}]`,
  b: `(?:(?<=[${WORD_OUTSIDE_CLASSES}])(?![${WORD_OUTSIDE_CLASSES}])|(?<![${WORD_OUTSIDE_CLASSES}])(?=[${WORD_OUTSIDE_CLASSES}]))`,
};

/** The text as a regular expression's source. */
export function escapeRegex(text: string): string {
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
}

function unsupported(syntax: string): never {
  throw new SyntaxError(`the regular expression uses ${syntax}, which is not supported here`);
}

/** Source of an escape sequence; `text` starts after the backslash. */
function escapeSequence(
  text: string,
  inClass: boolean,
): { readonly source: string; readonly length: number } {
  const property = /^[pP]\{[A-Z][a-z]?\}/.exec(text)?.[0];
  if (property !== undefined) return { source: `\\${property}`, length: property.length };
  const letter = text.charAt(0);
  const source = ESCAPES[letter] ?? (inClass ? (letter === 'w' ? WORD : undefined) : OUTSIDE_CLASSES[letter]);
  if (source !== undefined) return { source, length: 1 };
  if (!/^[!-/:-@[-`{-~ ]/.test(letter)) unsupported(`\\${letter}`);
  return { source: letter === '-' && inClass ? '\\-' : escapeRegex(letter), length: 1 };
}

/**
 * Oniguruma's syntax in JavaScript's, as far as the two mean the same after translation; anything else is refused with
 * a SyntaxError instead of being matched differently.
 */
function translate(regex: string): string {
  let source = '';
  let inClass = false;
  for (let i = 0; i < regex.length; i++) {
    const rest = regex.slice(i);
    const character = regex.charAt(i);
    if (character === '\\') {
      const escape = escapeSequence(rest.slice(1), inClass);
      source += escape.source;
      i += escape.length;
    } else if (inClass) {
      if (character === '[' || rest.startsWith('&&')) unsupported('nested character classes');
      inClass = character !== ']';
      source += character;
    } else if (character === '[') {
      if (/^\[\^?\]/.test(rest)) unsupported('an unescaped "]" in a character class');
      inClass = true;
      source += character;
      if (regex.charAt(i + 1) === '^') source += regex.charAt(++i);
    } else if (character === '(' && /^\(\?(?![:=!]|<[=!])/.test(rest)) {
      unsupported(`the group ${rest.slice(0, 4)}`);
    } else if (character === '.') {
      source += '[^\\n]';
    } else if (character === '^') {
      source += '(?<=^|\\n(?!$))';
    } else if (character === '$') {
      source += '(?=$|\\n)';
    } else {
      source += character;
    }
  }
  return source;
}

/** The pattern as a global RegExp; throws SyntaxError for a regular expression that cannot be matched exactly. */
export function compilePattern(config: PatternConfig): RegExp {
  return new RegExp('String' in config ? escapeRegex(config.String) : translate(config.Regex), 'gu');
}

export const patternSchema: z.ZodType<PatternConfig> = z
  .union([z.object({ String: z.string() }), z.object({ Regex: z.string() })], {
    error: 'must be {"String": …} or {"Regex": …}',
  })
  .check((context) => {
    try {
      compilePattern(context.value);
    } catch (error) {
      context.issues.push({
        code: 'custom',
        params: { unsupported: true },
        message: (error as Error).message,
        input: context.value,
      });
    }
  });

/** Cuts a text into what a pattern matches and what lies between. */
export function spansOf(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = [];
  let previous = 0;
  for (const match of asUnicode16(text).matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (previous !== match.index) spans.push({ start: previous, end: match.index, match: false });
    spans.push({ start: match.index, end, match: true });
    previous = end;
  }
  if (previous !== text.length) spans.push({ start: previous, end: text.length, match: false });
  return spans;
}
