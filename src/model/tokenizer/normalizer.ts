import { z } from 'zod';
import { normalForm, type NormalForm } from './normalForm';
import { compilePattern, patternSchema, spansOf, type PatternConfig } from './pattern';
import { readCharsmap } from './precompiledCharsmap';

export type NormalizerConfig =
  | { readonly type: NormalForm }
  | { readonly type: 'Lowercase' }
  | { readonly type: 'Precompiled'; readonly precompiled_charsmap: string }
  | { readonly type: 'Strip'; readonly strip_left: boolean; readonly strip_right: boolean }
  | { readonly type: 'Replace'; readonly pattern: PatternConfig; readonly content: string }
  | { readonly type: 'Prepend'; readonly prepend: string }
  | { readonly type: 'Sequence'; readonly normalizers: readonly NormalizerConfig[] };

/**
 * Part of a text, and whether its first character comes from the very start of the encoded text. Only Metaspace's
 * `first` asks. The reference also counts what a normalizer made of the first character beyond its own first unit.
 */
export type Piece = { readonly text: string; readonly atStart: boolean };

/** Rewrites a piece. */
export type Normalizer = (piece: Piece) => Piece;

const charsmapSchema = z.string().check((context) => {
  try {
    readCharsmap(context.value);
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as Error).message, input: context.value });
  }
});

export const normalizerSchema: z.ZodType<NormalizerConfig> = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']) }),
    z.object({ type: z.literal('Lowercase') }),
    z.object({ type: z.literal('Precompiled'), precompiled_charsmap: charsmapSchema }),
    z.object({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
    z.object({ type: z.literal('Replace'), pattern: patternSchema, content: z.string() }),
    z.object({ type: z.literal('Prepend'), prepend: z.string() }),
    z.object({ type: z.literal('Sequence'), normalizers: z.array(normalizerSchema) }),
  ]),
);

const rewriting =
  (rewrite: (text: string) => string): Normalizer =>
  ({ text, atStart }) => ({ text: rewrite(text), atStart });

function createStrip(left: boolean, right: boolean): Normalizer {
  return ({ text, atStart }) => {
    const trimmed = left ? text.replace(/^\p{White_Space}+/u, '') : text;
    return {
      text: right ? trimmed.replace(/\p{White_Space}+$/u, '') : trimmed,
      atStart: atStart && trimmed.length === text.length,
    };
  };
}

function createReplace(pattern: RegExp, content: string): Normalizer {
  return ({ text, atStart }) => {
    const spans = spansOf(text, pattern);
    return {
      text: spans.map(({ start, end, match }) => (match ? content : text.slice(start, end))).join(''),
      atStart,
    };
  };
}

/** The normalizer that a tokenizer.json describes; null leaves the text as it is. */
export function createNormalizer(config: NormalizerConfig | null): Normalizer {
  if (config === null) return (piece) => piece;
  switch (config.type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return rewriting((text) => normalForm(text, config.type));
    case 'Lowercase':
      // Character by character: a final sigma stays an ordinary one, as in the reference.
      return rewriting((text) => Array.from(text, (character) => character.toLowerCase()).join(''));
    case 'Precompiled':
      return rewriting(readCharsmap(config.precompiled_charsmap));
    case 'Strip':
      return createStrip(config.strip_left, config.strip_right);
    case 'Replace':
      return createReplace(compilePattern(config.pattern), config.content);
    case 'Prepend':
      return rewriting((text) => (text === '' ? '' : config.prepend + text));
    case 'Sequence': {
      const normalizers = config.normalizers.map(createNormalizer);
      return (piece) => normalizers.reduce((current, normalize) => normalize(current), piece);
    }
  }
}
