import { z } from 'zod';
import type { Normalizer, Piece } from './normalizer';
import { escapeRegex } from './pattern';
import { asUnicode16 } from './unicodeVersion';
import type { Unigram } from './unigram';

export const addedTokenSchema = z.object({
  id: z.int().nonnegative(),
  content: z.string(),
  single_word: z.boolean(),
  lstrip: z.boolean(),
  rstrip: z.boolean(),
  normalized: z.boolean(),
  special: z.boolean(),
});

export type AddedToken = z.infer<typeof addedTokenSchema>;

/** Tokens recognised inside the text before the model sees it. */
export type AddedTokens = {
  /** Tokens by id as they are found in normalised text; an id here wins over the model's piece of that id. */
  readonly byId: ReadonlyMap<number, string>;
  readonly special: ReadonlySet<string>;
  /** Cuts out the added tokens, the verbatim ones before and the others after normalisation: ids and pieces between. */
  extract(text: string): (number | Piece)[];
};

type Matcher = (piece: Piece) => (number | Piece)[];

const ENDS_IN_WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const STARTS_WITH_WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const WHITE_SPACE = /\p{White_Space}/u;

const isFilled = (part: number | Piece): boolean => typeof part === 'number' || part.text !== '';

/** Finds tokens from the left, the longest first; `entries` holds what to look for, the token and its id. */
function createMatcher(entries: readonly (readonly [string, AddedToken, number])[]): Matcher {
  const byText = new Map<string, readonly [AddedToken, number]>();
  for (const [text, token, id] of entries) if (text !== '') byText.set(text, [token, id]);
  if (byText.size === 0) return (piece) => [piece];
  const alternatives = [...byText.keys()].sort((a, b) => b.length - a.length).map(escapeRegex);
  const pattern = new RegExp(alternatives.join('|'), 'gu');

  return (piece) => {
    const { text } = piece;
    const found: (number | Piece)[] = [];
    const keep = (start: number, end: number): void => {
      if (start < end) found.push({ text: text.slice(start, end), atStart: piece.atStart && start === 0 });
    };
    let previous = 0;
    for (const match of text.matchAll(pattern)) {
      const [token, id] = byText.get(match[0]) as readonly [AddedToken, number];
      let start = match.index;
      let end = start + match[0].length;
      const joined =
        (start > 0 && ENDS_IN_WORD.test(asUnicode16(text.slice(Math.max(0, start - 2), start)))) ||
        STARTS_WITH_WORD.test(asUnicode16(text.slice(end, end + 2)));
      if (token.single_word && joined) continue;
      while (token.lstrip && start > previous && WHITE_SPACE.test(text.charAt(start - 1))) start--;
      while (token.rstrip && end < text.length && WHITE_SPACE.test(text.charAt(end))) end++;
      keep(previous, start);
      found.push(id);
      previous = end;
    }
    keep(previous, text.length);
    return found;
  };
}

/**
 * The added tokens of a tokenizer.json. A token that is a piece of the model keeps that piece's id, whatever the file
 * says; the others are numbered on from the vocabulary in the file's order, as Hugging Face's tokenizers does.
 */
export function createAddedTokens(
  tokens: readonly AddedToken[],
  model: Unigram,
  normalize: Normalizer,
): AddedTokens {
  const ids = new Map<string, number>();
  const latest = new Map<number, AddedToken>();
  let next = model.size;
  for (const token of tokens) {
    if (token.content === '') continue;
    const id = ids.get(token.content) ?? model.idOf(token.content) ?? next++;
    ids.set(token.content, id);
    latest.set(id, token);
  }
  const written = (token: AddedToken): string =>
    token.normalized ? normalize({ text: token.content, atStart: true }).text : token.content;
  const entriesOf = (normalized: boolean): (readonly [string, AddedToken, number])[] =>
    [...latest.values()]
      .filter((token) => token.normalized === normalized)
      .map((token) => [written(token), token, ids.get(token.content) as number]);
  const verbatim = createMatcher(entriesOf(false));
  const normalized = createMatcher(entriesOf(true));

  return {
    byId: new Map([...latest].map(([id, token]) => [id, written(token)])),
    special: new Set(tokens.filter((token) => token.special).map((token) => token.content)),
    extract: (text) =>
      verbatim({ text, atStart: true }).flatMap((part) =>
        typeof part === 'number' ? [part] : normalized(normalize(part)).filter(isFilled),
      ),
  };
}
