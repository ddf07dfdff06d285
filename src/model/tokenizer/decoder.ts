import { z } from 'zod';
import { metaspaceSchema, prependSchemeOf, type MetaspaceConfig } from './preTokenizer';
import { compilePattern, patternSchema, spansOf, type PatternConfig } from './pattern';

export type DecoderConfig =
  | MetaspaceConfig
  | { readonly type: 'Replace'; readonly pattern: PatternConfig; readonly content: string }
  | { readonly type: 'Strip'; readonly content: string; readonly start: number; readonly stop: number }
  | { readonly type: 'Fuse' | 'ByteFallback' }
  | { readonly type: 'Sequence'; readonly decoders: readonly DecoderConfig[] };

/** Rewrites the tokens of a text; what the last decoder leaves is joined without anything between. */
type Decoder = (tokens: readonly string[]) => readonly string[];

export const decoderSchema: z.ZodType<DecoderConfig> = z.lazy(() =>
  z.discriminatedUnion('type', [
    metaspaceSchema,
    z.object({ type: z.literal('Replace'), pattern: patternSchema, content: z.string() }),
    z.object({
      type: z.literal('Strip'),
      content: z.string().refine((text) => [...text].length === 1, { error: 'must be one character' }),
      start: z.int().nonnegative(),
      stop: z.int().nonnegative(),
    }),
    z.object({ type: z.enum(['Fuse', 'ByteFallback']) }),
    z.object({ type: z.literal('Sequence'), decoders: z.array(decoderSchema) }),
  ]),
);

function createMetaspaceDecoder(config: MetaspaceConfig): Decoder {
  const prepends = prependSchemeOf(config) !== 'never';
  return (tokens) =>
    tokens.map((token, i) => token.replaceAll(config.replacement, i === 0 && prepends ? '' : ' '));
}

function createReplaceDecoder(pattern: RegExp, content: string): Decoder {
  return (tokens) =>
    tokens.map((token) =>
      spansOf(token, pattern)
        .map(({ start, end, match }) => (match ? content : token.slice(start, end)))
        .join(''),
    );
}

function createStripDecoder(content: string, start: number, stop: number): Decoder {
  const countOf = (characters: readonly string[], most: number): number => {
    const found = characters.slice(0, most).findIndex((character) => character !== content);
    return found === -1 ? Math.min(most, characters.length) : found;
  };
  return (tokens) =>
    tokens.map((token) => {
      const characters = [...token];
      const kept = characters.slice(countOf(characters, start));
      return kept.slice(0, kept.length - countOf(kept.toReversed(), stop)).join('');
    });
}

/** Each run of byte tokens becomes the text that its bytes spell, or one replacement character a byte. */
function decodeBytes(tokens: readonly string[]): string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    try {
      result.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    } catch {
      result.push(...bytes.map(() => '\ufffd'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9a-fA-F]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(parseInt(byte, 16));
    else {
      flush();
      result.push(token);
    }
  }
  flush();
  return result;
}

function createChain(config: DecoderConfig): Decoder {
  switch (config.type) {
    case 'Metaspace':
      return createMetaspaceDecoder(config);
    case 'Replace':
      return createReplaceDecoder(compilePattern(config.pattern), config.content);
    case 'Strip':
      return createStripDecoder(config.content, config.start, config.stop);
    case 'Fuse':
      return (tokens) => [tokens.join('')];
    case 'ByteFallback':
      return decodeBytes;
    case 'Sequence': {
      const decoders = config.decoders.map(createChain);
      return (tokens) => decoders.reduce((current, decode) => decode(current), tokens);
    }
  }
}

/** Text of tokens by the decoder that a tokenizer.json describes; null joins them with spaces. */
export function createDecoder(config: DecoderConfig | null): (tokens: readonly string[]) => string {
  if (config === null) return (tokens) => tokens.join(' ');
  const chain = createChain(config);
  return (tokens) => chain(tokens).join('');
}
