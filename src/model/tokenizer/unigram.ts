import { z } from 'zod';
import { ConfigError } from '../../errors';
import { createTrie } from './trie';
import { viterbi } from './viterbi';

export const unigramSchema = z
  .object({
    // Files written before the library stored the type are told by the shape of their vocabulary.
    type: z.literal('Unigram').optional(),
    unk_id: z.int().nonnegative().nullish(),
    vocab: z.array(z.tuple([z.string(), z.number()])).min(1),
    byte_fallback: z.boolean().optional(),
  })
  .refine((model) => (model.unk_id ?? 0) < model.vocab.length, {
    path: ['unk_id'],
    error: 'must be an index into the vocabulary',
  });

export type UnigramConfig = z.infer<typeof unigramSchema>;

/** A unigram language model over pieces: a word becomes the pieces of highest total score. */
export type Unigram = {
  readonly size: number;
  idOf(piece: string): number | undefined;
  pieceOf(id: number): string | undefined;
  /** Ids of one pre-tokenized word. Throws ConfigError on an unknown character where the model has no unknown piece. */
  encode(word: string): number[];
};

const UNKNOWN_PENALTY = 10;
const MOST_CACHED_WORDS = 50_000;
const LONGEST_CACHED_WORD = 64;

/**
 * The score as the Rust library holds it. Its JSON reader divides the digits by a power of ten, which can miss the
 * nearest double by one unit; long runs of one letter have many segmentations that tie but for such a unit.
 */
function scoreAsRead(score: number): number {
  const [mantissa = '', exponent = '0'] = String(Math.abs(score)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = Number(whole + fraction);
  const power = Number(exponent) - fraction.length;
  const value = power < 0 ? digits / Number(`1e${-power}`) : digits * Number(`1e${power}`);
  return score < 0 ? -value : value;
}

/**
 * Unigram segmentation as Hugging Face's tokenizers does it: best path by summed scores, an unknown character costs the
 * lowest score minus 10, neighbouring unknown characters become one unknown id (or their bytes, with `byte_fallback`).
 *
 * Reference: Kudo 2018, arXiv 1804.10959, section 3.2.
 */
export function createUnigram(config: UnigramConfig): Unigram {
  const pieces = config.vocab.map(([piece]) => piece);
  const scores = Float64Array.from(config.vocab, ([, score]) => scoreAsRead(score));
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const trie = createTrie(pieces);
  const unknownId = config.unk_id ?? -1;
  const unknownScore = scores.reduce((lowest, score) => Math.min(lowest, score), Infinity) - UNKNOWN_PENALTY;
  const cache = new Map<string, readonly number[]>();

  const bytesOf = (text: string): number[] | undefined => {
    if (config.byte_fallback !== true) return undefined;
    const found = [...Buffer.from(text)].map((byte) =>
      ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
    return found.every((id) => id !== undefined) ? found : undefined;
  };

  const segment = (word: string): number[] => {
    const path = viterbi(word, trie, scores, unknownScore);
    const result: number[] = [];
    for (let i = 0; i < path.length;) {
      const { piece, start } = path[i] as (typeof path)[number];
      if (piece !== -1 && piece !== unknownId) {
        result.push(piece);
        i++;
        continue;
      }
      if (unknownId === -1)
        throw new ConfigError(
          `tokenizer: the model has no unknown piece (model.unk_id), and ${JSON.stringify(word)} holds a character outside its vocabulary`,
        );
      while (i < path.length && [-1, unknownId].includes((path[i] as (typeof path)[number]).piece)) i++;
      const text = word.slice(start, path[i]?.start);
      const id = ids.get(text);
      result.push(...(id !== undefined ? [id] : (bytesOf(text) ?? [unknownId])));
    }
    return result;
  };

  return {
    size: pieces.length,
    idOf: (piece) => ids.get(piece),
    pieceOf: (id) => pieces[id],
    encode: (word) => {
      const known = cache.get(word);
      if (known !== undefined) return [...known];
      const result = segment(word);
      if (word.length <= LONGEST_CACHED_WORD) {
        if (cache.size >= MOST_CACHED_WORDS) cache.clear();
        cache.set(word, result);
      }
      return [...result];
    },
  };
}
