import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { CheckpointError } from '../errors';
import { createAddedTokens } from './tokenizer/addedTokens';
import { createDecoder } from './tokenizer/decoder';
import { createNormalizer } from './tokenizer/normalizer';
import { createPreTokenizer } from './tokenizer/preTokenizer';
import { parseTokenizerJson, type TokenizerConfig } from './tokenizer/tokenizerJson';
import { createUnigram } from './tokenizer/unigram';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Number of ids the tokenizer knows; a model's embedding may have more rows. */
  readonly vocabulary: number;
  /** Ids of a text, with what the tokenizer's own template adds (T5: the end token). */
  encode(text: string): number[];
  /** Text of ids; special tokens and ids the tokenizer lacks decode to nothing. */
  decode(ids: readonly number[]): string;
}

/** Ids that a post-processor's template puts around (or between) those of a text. */
function createTemplate(config: TokenizerConfig['post_processor']): (ids: number[]) => number[] {
  if (config === null) return (ids) => ids;
  return (ids) =>
    config.single.flatMap((part) => {
      if ('SpecialToken' in part) return config.special_tokens[part.SpecialToken.id]?.ids ?? [];
      return part.Sequence.id === 'A' ? ids : [];
    });
}

/**
 * A Unigram tokenizer from a checked tokenizer.json; its ids and texts equal those of Hugging Face's tokenizers. A lone
 * surrogate, which no UTF-8 text can hold, is read as the replacement character.
 */
export function createTokenizer(config: TokenizerConfig): Tokenizer {
  const model = createUnigram(config.model);
  const added = createAddedTokens(config.added_tokens, model, createNormalizer(config.normalizer));
  const preTokenize = createPreTokenizer(config.pre_tokenizer);
  const template = createTemplate(config.post_processor);
  const decodeTokens = createDecoder(config.decoder);
  const ownIds = [...added.byId.values()].filter((token) => model.idOf(token) === undefined).length;

  return {
    vocabulary: model.size + ownIds,
    encode: (text) =>
      template(
        added
          .extract(text.replace(/\p{Surrogate}/gu, '\ufffd'))
          .flatMap((part) =>
            typeof part === 'number'
              ? [part]
              : preTokenize(part).flatMap(({ text: word }) => model.encode(word)),
          ),
      ),
    decode: (ids) => {
      const tokens = ids.map((id) => added.byId.get(id) ?? model.pieceOf(id));
      return decodeTokens(
        tokens.filter((token): token is string => token !== undefined && !added.special.has(token)),
      );
    },
  };
}

/**
 * Reads a Hugging Face `tokenizer.json` with a Unigram model, in the present layout or an older one. Its `truncation` and
 * `padding` are left aside: texts are encoded whole.
 *
 * Throws CheckpointError for a file that is missing or not what the format says, ConfigError for a component that is not
 * supported; the message names file and field.
 */
export async function loadTokenizer(file: string): Promise<Tokenizer> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const problem = error instanceof SyntaxError ? 'must be JSON' : 'cannot be read';
    throw new CheckpointError(`${file}: ${problem}; ${(error as Error).message}`, { cause: error });
  }
  return createTokenizer(parseTokenizerJson(json, file));
}

/** Writes a tokenizer.json that Python's `tokenizers` reads too; the file appears whole or not at all. */
export async function saveTokenizer(file: string, config: TokenizerConfig): Promise<void> {
  const partial = `${file}.${process.pid}.part`;
  try {
    const document = { version: '1.0', truncation: null, padding: null, ...config };
    await writeFile(partial, `${JSON.stringify(document, null, 1)}\n`);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw new CheckpointError(`${file}: cannot be written; ${(error as Error).message}`, { cause: error });
  }
}
