import { z } from 'zod';
import type { Piece } from './normalizer';
import {
  compilePattern,
  escapeRegex,
  patternSchema,
  spansOf,
  type PatternConfig,
  type Span,
} from './pattern';
import { PUNCTUATION } from './unicodeVersion';

const behaviorSchema = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);
const prependSchemeSchema = z.enum(['always', 'first', 'never']);

type Behavior = z.infer<typeof behaviorSchema>;
type PrependScheme = z.infer<typeof prependSchemeSchema>;

export type MetaspaceConfig = {
  readonly type: 'Metaspace';
  readonly replacement: string;
  readonly prepend_scheme?: PrependScheme | undefined;
  /** The older layout's way to say `prepend_scheme`. */
  readonly add_prefix_space?: boolean | undefined;
  readonly split?: boolean | undefined;
};

export type PreTokenizerConfig =
  | MetaspaceConfig
  | { readonly type: 'Whitespace' | 'WhitespaceSplit' }
  | { readonly type: 'Punctuation'; readonly behavior?: Behavior | undefined }
  | {
      readonly type: 'Split';
      readonly pattern: PatternConfig;
      readonly behavior: Behavior;
      readonly invert: boolean;
    }
  | { readonly type: 'Sequence'; readonly pretokenizers: readonly PreTokenizerConfig[] };

/** Cuts a piece into words; empty ones are left out. */
export type PreTokenizer = (piece: Piece) => Piece[];

export const metaspaceSchema = z.object({
  type: z.literal('Metaspace'),
  replacement: z.string().refine((text) => [...text].length === 1, { error: 'must be one character' }),
  prepend_scheme: prependSchemeSchema.optional(),
  add_prefix_space: z.boolean().optional(),
  split: z.boolean().optional(),
});

export const preTokenizerSchema: z.ZodType<PreTokenizerConfig> = z.lazy(() =>
  z.discriminatedUnion('type', [
    metaspaceSchema,
    z.object({ type: z.enum(['Whitespace', 'WhitespaceSplit']) }),
    z.object({ type: z.literal('Punctuation'), behavior: behaviorSchema.optional() }),
    z.object({
      type: z.literal('Split'),
      pattern: patternSchema,
      behavior: behaviorSchema,
      invert: z.boolean(),
    }),
    z.object({ type: z.literal('Sequence'), pretokenizers: z.array(preTokenizerSchema) }),
  ]),
);

/** A Metaspace's scheme in either layout. */
export function prependSchemeOf(config: MetaspaceConfig): PrependScheme {
  return config.prepend_scheme ?? (config.add_prefix_space === false ? 'never' : 'always');
}

/** Joins each matched span to the piece before it, unless the one before was matched too. */
function mergeWithPrevious(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  let previousMatch = false;
  for (const span of spans) {
    const last = merged.at(-1);
    if (span.match && !previousMatch && last !== undefined)
      merged[merged.length - 1] = { ...last, end: span.end };
    else merged.push(span);
    previousMatch = span.match;
  }
  return merged;
}

function mergeWithNext(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  let nextMatch = false;
  for (const span of spans.toReversed()) {
    const last = merged.at(-1);
    if (span.match && !nextMatch && last !== undefined)
      merged[merged.length - 1] = { ...last, start: span.start };
    else merged.push(span);
    nextMatch = span.match;
  }
  return merged.reverse();
}

function mergeContiguous(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last?.match === span.match) merged[merged.length - 1] = { ...last, end: span.end };
    else merged.push(span);
  }
  return merged;
}

const MERGES: Readonly<Record<Behavior, (spans: readonly Span[]) => readonly Span[]>> = {
  Removed: (spans) => spans.filter((span) => !span.match),
  Isolated: (spans) => spans,
  MergedWithPrevious: mergeWithPrevious,
  MergedWithNext: mergeWithNext,
  Contiguous: mergeContiguous,
};

function createSplit(pattern: RegExp, behavior: Behavior, invert: boolean): PreTokenizer {
  return (piece) => {
    const spans = spansOf(piece.text, pattern).map((span) => ({ ...span, match: span.match !== invert }));
    return MERGES[behavior](spans)
      .filter(({ start, end }) => start < end)
      .map(({ start, end }) => ({
        text: piece.text.slice(start, end),
        atStart: piece.atStart && start === 0,
      }));
  };
}

function createMetaspace(config: MetaspaceConfig): PreTokenizer {
  const { replacement } = config;
  const scheme = prependSchemeOf(config);
  const split = createSplit(new RegExp(escapeRegex(replacement), 'gu'), 'MergedWithNext', false);
  return ({ text, atStart }) => {
    const spaced = text.replaceAll(' ', replacement);
    const prepends = scheme === 'always' || (scheme === 'first' && atStart);
    const whole = prepends && !spaced.startsWith(replacement) ? replacement + spaced : spaced;
    const single = config.split === false || whole.indexOf(replacement, 1) === -1;
    return single ? [{ text: whole, atStart }] : split({ text: whole, atStart });
  };
}

/** The pre-tokenizer that a tokenizer.json describes; null makes the whole text one word. */
export function createPreTokenizer(config: PreTokenizerConfig | null): PreTokenizer {
  if (config === null) return (piece) => [piece];
  switch (config.type) {
    case 'Metaspace':
      return createMetaspace(config);
    case 'Whitespace':
      return createSplit(
        /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu,
        'Removed',
        true,
      );
    case 'WhitespaceSplit':
      return createSplit(/\p{White_Space}/gu, 'Removed', false);
    case 'Punctuation':
      return createSplit(PUNCTUATION, config.behavior ?? 'Isolated', false);
    case 'Split':
      return createSplit(compilePattern(config.pattern), config.behavior, config.invert);
    case 'Sequence': {
      const preTokenizers = config.pretokenizers.map(createPreTokenizer);
      return (piece) => preTokenizers.reduce((pieces, cut) => pieces.flatMap(cut), [piece]);
    }
  }
}
