import { ConfigError } from '../errors';
import { createAddedTokens, type AddedToken } from './tokenizer/addedTokens';
import type { DecoderConfig } from './tokenizer/decoder';
import { createNormalizer, type NormalizerConfig } from './tokenizer/normalizer';
import { createPreTokenizer, type PreTokenizerConfig } from './tokenizer/preTokenizer';
import type { TokenizerConfig } from './tokenizer/tokenizerJson';
import { createTrie, type Trie } from './tokenizer/trie';
import { createUnigram } from './tokenizer/unigram';
import { characterLength, viterbi } from './tokenizer/viterbi';

export type UnigramTrainerOptions = {
  /** Number of ids at most, special tokens included; a small text gives fewer. */
  readonly vocabulary: number;
  /** Number of `<extra_id_…>` tokens for span corruption. */
  readonly extraIds: number;
  /** Characters that are pieces even if no text holds them. */
  readonly initialAlphabet: string;
  /** Longest learned piece in characters, the word mark included. */
  readonly maxPieceLength: number;
  /** Number of frequent substrings that training starts from. */
  readonly seedSize: number;
};

export const unigramTrainerDefaults: UnigramTrainerOptions = {
  vocabulary: 4000,
  extraIds: 100,
  initialAlphabet: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789£$€-–_'’/&%+*#@°éèáíóöüñç",
  maxPieceLength: 16,
  seedSize: 100_000,
};

const MARK = '▁';
const SPLIT_ALWAYS = '[](){};|=>?!&"';
// Inside a number these belong to it: "3.5", "1,000" and "10:30" are words.
const SPLIT_UNLESS_BETWEEN_DIGITS = '.,:';

const NORMALIZER: NormalizerConfig = { type: 'NFKC' };

/** Every word and punctuation mark carries the word mark, so a name has the same ids wherever it stands. */
const PRE_TOKENIZER: PreTokenizerConfig = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'WhitespaceSplit' },
    {
      type: 'Split',
      pattern: { Regex: '[\\[\\](){};|=>?!&"]|(?<![0-9])[.,:]|[.,:](?![0-9])' },
      behavior: 'Isolated',
      invert: false,
    },
    { type: 'Metaspace', replacement: MARK, prepend_scheme: 'always', split: true },
  ],
};

const replacing = (from: string, to: string): DecoderConfig => ({
  type: 'Replace',
  pattern: { String: from },
  content: to,
});

/** Sets marks back where sentences and meaning representations have them: `name[The Eagle], food[French].` */
const DECODER: DecoderConfig = {
  type: 'Sequence',
  decoders: [
    { type: 'Fuse' },
    ...Array.from('.,:;?!)]}[', (mark) => replacing(MARK + mark, mark)),
    ...Array.from('([{', (mark) => replacing(mark + MARK, mark)),
    replacing(`=${MARK}>`, '=>'),
    replacing(MARK, ' '),
    { type: 'Strip', content: ' ', start: 1, stop: 0 },
  ],
};

const END = { SpecialToken: { id: '</s>', type_id: 0 } };
const FIRST = { Sequence: { id: 'A', type_id: 0 } } as const;
const SECOND = { Sequence: { id: 'B', type_id: 0 } } as const;
const POST_PROCESSOR: TokenizerConfig['post_processor'] = {
  type: 'TemplateProcessing',
  single: [FIRST, END],
  pair: [FIRST, END, SECOND, END],
  special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
};

type PieceScores = { readonly pieces: readonly string[]; readonly scores: Float64Array };
type WordCounts = { readonly words: readonly string[]; readonly counts: Float64Array };

const UNKNOWN_ID = 2;
const SUB_ITERATIONS = 2;
const SHRINKING_FACTOR = 0.75;
// Training stops a little above the wanted size, so that required characters find room in the end.
const SIZE_MARGIN = 1.1;
const LEAST_EXPECTED_COUNT = 0.5;

/** By falling value, then by code units, so that no order depends on how a map was filled. */
function byFalling(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}

/** Distinct words of the texts as the model will see them, with their counts, in a fixed order. */
function countWords(texts: Iterable<string>, specials: readonly AddedToken[]): WordCounts {
  const unknownOnly = createUnigram({ vocab: [['<unk>', 0]], unk_id: 0 });
  const added = createAddedTokens(specials, unknownOnly, createNormalizer(NORMALIZER));
  const preTokenize = createPreTokenizer(PRE_TOKENIZER);
  const found = new Map<string, number>();
  for (const text of texts)
    for (const part of added.extract(text))
      if (typeof part !== 'number')
        for (const word of preTokenize(part)) found.set(word.text, (found.get(word.text) ?? 0) + 1);
  const entries = [...found].sort(byFalling);
  return { words: entries.map(([word]) => word), counts: Float64Array.from(entries, ([, count]) => count) };
}

/** Frequent substrings of the words, scored by count times length, before them every required piece. */
function seedPieces(
  { words, counts }: WordCounts,
  required: ReadonlySet<string>,
  options: UnigramTrainerOptions,
): PieceScores {
  const found = new Map<string, number>();
  words.forEach((word, index) => {
    const count = counts[index] as number;
    for (let start = 0; start < word.length; start += characterLength(word, start)) {
      let end = start;
      for (let length = 1; length <= options.maxPieceLength && end < word.length; length++) {
        end += characterLength(word, end);
        const piece = word.slice(start, end);
        found.set(piece, (found.get(piece) ?? 0) + count);
      }
    }
  });
  const sizes = [...found]
    .filter(([piece, count]) => count > 1 && !required.has(piece))
    .map(([piece, count]): [string, number] => [piece, count * [...piece].length])
    .sort(byFalling)
    .slice(0, options.seedSize);
  const entries = [
    ...[...required].sort().map((piece): [string, number] => [piece, found.get(piece) ?? 1]),
    ...sizes,
  ];
  const logSum = Math.log(entries.reduce((sum, [, size]) => sum + size, 0));
  return {
    pieces: entries.map(([piece]) => piece),
    scores: Float64Array.from(entries, ([, size]) => Math.log(size) - logSum),
  };
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** Adds the expected count of each piece in one word, over all its segmentations, times the word's count. */
function addExpectedCounts(
  word: string,
  count: number,
  trie: Trie,
  scores: Float64Array,
  expected: Float64Array,
): void {
  const length = word.length;
  const edges: { readonly start: number; readonly end: number; readonly piece: number }[] = [];
  for (let start = 0; start < length; start += characterLength(word, start)) {
    for (let end = start, node = 0; end < length;) {
      node = trie.step(node, word.charCodeAt(end++));
      if (node === -1) break;
      const piece = trie.pieceAt(node);
      if (piece !== -1) edges.push({ start, end, piece });
    }
  }
  const forward = new Float64Array(length + 1).fill(-Infinity);
  const backward = new Float64Array(length + 1).fill(-Infinity);
  forward[0] = 0;
  backward[length] = 0;
  for (const { start, end, piece } of edges)
    forward[end] = logAdd(forward[end] as number, (forward[start] as number) + (scores[piece] as number));
  for (const { start, end, piece } of edges.toReversed())
    backward[start] = logAdd(
      backward[start] as number,
      (backward[end] as number) + (scores[piece] as number),
    );
  const total = forward[length] as number;
  for (const { start, end, piece } of edges) {
    const log = (forward[start] as number) + (scores[piece] as number) + (backward[end] as number) - total;
    expected[piece] = (expected[piece] as number) + count * Math.exp(log);
  }
}

function digamma(x: number): number {
  let result = 0;
  let shifted = x;
  for (; shifted < 7; shifted++) result -= 1 / shifted;
  shifted -= 0.5;
  const inverse2 = 1 / (shifted * shifted);
  const series =
    inverse2 * (1 / 24 + inverse2 * (-7 / 960 + inverse2 * (31 / 8064 - (inverse2 * 127) / 30720)));
  return result + Math.log(shifted) + series;
}

/** One round of expectation and maximisation; digamma in the logarithm's place drives rare pieces out faster. */
function improve(
  { words, counts }: WordCounts,
  { pieces, scores }: PieceScores,
  required: ReadonlySet<string>,
): PieceScores {
  const trie = createTrie(pieces);
  const expected = new Float64Array(pieces.length);
  words.forEach((word, i) => addExpectedCounts(word, counts[i] as number, trie, scores, expected));
  const kept = pieces
    .map((piece, i): [string, number] => [piece, expected[i] as number])
    .filter(([piece, value]) => value >= LEAST_EXPECTED_COUNT || required.has(piece))
    .map(([piece, value]): [string, number] => [piece, Math.max(value, LEAST_EXPECTED_COUNT)]);
  const logSum = digamma(kept.reduce((sum, [, value]) => sum + value, 0));
  return {
    pieces: kept.map(([piece]) => piece),
    scores: Float64Array.from(kept, ([, value]) => digamma(value) - logSum),
  };
}

/**
 * The `size` pieces without which the likelihood of the words would fall most, if each piece's best segmentation into
 * the others took its place; required pieces always.
 */
function prune(
  { words, counts }: WordCounts,
  { pieces, scores }: PieceScores,
  required: ReadonlySet<string>,
  size: number,
): PieceScores {
  const trie = createTrie(pieces);
  const frequency = new Float64Array(pieces.length);
  const segment = (word: string, byScores: Float64Array): number[] =>
    viterbi(word, trie, byScores, -Infinity).map((step) => step.piece);
  words.forEach((word, i) => {
    for (const piece of segment(word, scores))
      frequency[piece] = (frequency[piece] as number) + (counts[i] as number);
  });
  const sum = frequency.reduce((total, value) => total + value, 0);
  const without = Float64Array.from(scores);
  const losses = pieces.map((piece, i): number => {
    if (required.has(piece)) return Infinity;
    const own = frequency[i] as number;
    if (own === 0) return -Infinity;
    without[i] = -Infinity;
    const alternatives = segment(piece, without);
    without[i] = scores[i] as number;
    const logSumAfter = Math.log(sum + own * (alternatives.length - 1));
    const after = alternatives.reduce(
      (total, other) => total + Math.log((frequency[other] as number) + own) - logSumAfter,
      0,
    );
    return own * (Math.log(own / sum) - after);
  });
  const kept = losses
    .map((loss, i): [number, number] => [i, loss])
    .filter(([, loss]) => loss !== -Infinity)
    .sort((a, b) => (a[1] === b[1] ? a[0] - b[0] : b[1] - a[1]))
    .slice(0, size)
    .map(([i]) => i);
  return {
    pieces: kept.map((i) => pieces[i] as string),
    scores: Float64Array.from(kept, (i) => scores[i] as number),
  };
}

function specialToken(content: string, id: number): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/**
 * Learns a Unigram tokenizer from texts: frequent substrings of words as a start, then expectation maximisation and
 * pruning in turn until the vocabulary has its size. The result is a whole tokenizer.json, the same for the same texts.
 * Ids: `<pad>`, `</s>`, `<unk>`, `<extra_id_0>` and so on, then pieces by falling score. Every character of the texts and
 * of `initialAlphabet`, and every punctuation mark that the pre-tokenizer cuts off, is a piece.
 *
 * Throws ConfigError when the vocabulary has no room for what must be in it.
 *
 * Reference: Kudo 2018, arXiv 1804.10959, section 3.2.
 */
export function trainUnigram(
  texts: Iterable<string>,
  options: Partial<UnigramTrainerOptions> = {},
): TokenizerConfig {
  const settings = { ...unigramTrainerDefaults, ...options };
  const specials = [
    '<pad>',
    '</s>',
    '<unk>',
    ...Array.from({ length: settings.extraIds }, (_, i) => `<extra_id_${i}>`),
  ].map(specialToken);
  const corpus = countWords(texts, specials);
  const marks = [...SPLIT_ALWAYS, ...SPLIT_UNLESS_BETWEEN_DIGITS];
  const required = new Set([
    ...settings.initialAlphabet,
    MARK,
    ...marks,
    ...marks.map((mark) => MARK + mark),
    ...corpus.words.flatMap((word) => [...word]),
  ]);
  const size = settings.vocabulary - specials.length;
  if (required.size > size)
    throw new ConfigError(
      `trainUnigram: vocabulary must hold ${specials.length} special tokens and ${required.size} characters and marks; found ${settings.vocabulary}`,
    );

  const wanted = Math.ceil(size * SIZE_MARGIN);
  let current = seedPieces(corpus, required, settings);
  for (;;) {
    for (let i = 0; i < SUB_ITERATIONS; i++) current = improve(corpus, current, required);
    if (current.pieces.length <= wanted) break;
    const target = Math.max(wanted, Math.floor(current.pieces.length * SHRINKING_FACTOR));
    current = prune(corpus, current, required, target);
  }
  current = prune(corpus, current, required, size);
  current = improve(corpus, current, required);

  // Six decimals survive every JSON reader unchanged, and so do ties between sums of them.
  const learned = current.pieces
    .map((piece, i): [string, number] => [piece, Math.round((current.scores[i] as number) * 1e6) / 1e6])
    .sort(byFalling);
  return {
    added_tokens: specials,
    normalizer: NORMALIZER,
    pre_tokenizer: PRE_TOKENIZER,
    post_processor: POST_PROCESSOR,
    decoder: DECODER,
    model: {
      type: 'Unigram',
      unk_id: UNKNOWN_ID,
      vocab: [...specials.map(({ content }): [string, number] => [content, 0]), ...learned],
      byte_fallback: false,
    },
  };
}
