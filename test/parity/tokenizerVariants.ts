import { sentences } from '../fixtures/tokenizer/sentences';
import type { AddedToken } from '../../src/model/tokenizer/addedTokens';
import type { TokenizerConfig } from '../../src/model/tokenizer/tokenizerJson';
import { trainUnigram } from '../../src/model/unigramTrainer';

type Change = Partial<Omit<TokenizerConfig, 'model'>> & {
  readonly model?: Partial<TokenizerConfig['model']>;
};

const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } as const;
const whitespaceSplit = { type: 'WhitespaceSplit' } as const;
const split = (
  regex: string,
  behavior: 'Removed' | 'Isolated' | 'MergedWithPrevious' | 'MergedWithNext' | 'Contiguous',
  invert = false,
): Change => ({
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [{ type: 'Split', pattern: { Regex: regex }, behavior, invert }, metaspace],
  },
});
const normalizer = (config: TokenizerConfig['normalizer']): Change => ({
  normalizer: config,
  pre_tokenizer: metaspace,
});
const decoder = (...decoders: NonNullable<TokenizerConfig['decoder']>[]): Change => ({
  decoder: { type: 'Sequence', decoders },
});
const token = (content: string, flags: Partial<AddedToken>): AddedToken => ({
  id: 0,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: false,
  ...flags,
});
const flags: readonly Partial<AddedToken>[] = [
  { lstrip: true },
  { rstrip: true },
  { lstrip: true, rstrip: true, special: true },
  { single_word: true },
  { normalized: true },
  { normalized: true, lstrip: true, rstrip: true },
  { normalized: true, single_word: true, special: true },
];
const added = (one: Partial<AddedToken>): Change => ({
  added_tokens: ['<extra_id_0>', 'the', 'EAGLE', '</s>', 'aa', '½', 'new token', '<extra_id_'].map(
    (content) => token(content, one),
  ),
  normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }] },
});
const bytes = Array.from({ length: 256 }, (_, byte): [string, number] => [
  `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  -20,
]);

/** Tokenizers that differ in one component each, over one small vocabulary; names say what is in the component's place. */
export function tokenizerVariants(): ReadonlyMap<string, TokenizerConfig> {
  const base = trainUnigram(sentences(400), { vocabulary: 320, extraIds: 8 });
  const { vocab } = base.model;
  const changes: Record<string, Change> = {
    trained: {},
    'no pre-tokenizer': { pre_tokenizer: null, normalizer: null },
    'no post-processor, no decoder': { post_processor: null, decoder: null },
    'prepend first': { pre_tokenizer: { ...metaspace, prepend_scheme: 'first' } },
    'prepend first after splitting': {
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [whitespaceSplit, { ...metaspace, prepend_scheme: 'first' }],
      },
    },
    'prepend first after Strip': {
      normalizer: { type: 'Strip', strip_left: true, strip_right: false },
      pre_tokenizer: { ...metaspace, prepend_scheme: 'first', split: false },
    },
    'prepend never': {
      pre_tokenizer: { ...metaspace, prepend_scheme: 'never' },
      decoder: { ...metaspace, prepend_scheme: 'never' },
    },
    'unsplit Metaspace': { pre_tokenizer: { ...metaspace, split: false }, decoder: metaspace },
    Whitespace: { pre_tokenizer: { type: 'Whitespace' } },
    Punctuation: { pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Punctuation' }, metaspace] } },
    'Punctuation, contiguous': { pre_tokenizer: { type: 'Punctuation', behavior: 'Contiguous' } },
    'Split, literal': {
      pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithNext', invert: false },
    },
    'Split, empty literal': {
      pre_tokenizer: { type: 'Split', pattern: { String: '' }, behavior: 'Isolated', invert: false },
    },
    'Split, removed': split('\\s+', 'Removed'),
    'Split, isolated': split('[^\\p{L}\\p{M}\\p{N}]', 'Isolated'),
    'Split, merged with previous': split('[\\w]+', 'MergedWithPrevious'),
    'Split, merged with next': split('\\d|\\p{Lu}', 'MergedWithNext'),
    'Split, contiguous': split('\\w', 'Contiguous'),
    'Split, inverted': split('\\w+|[^\\w\\s]+', 'Removed', true),
    'Split, inverted, merged': split('[a-z]+', 'MergedWithPrevious', true),
    'Split, lines': split('^.|.$', 'Isolated'),
    'Split, empty matches': split('x*', 'MergedWithPrevious'),
    'Split, boundaries': split('\\b(?=[^ ])', 'Isolated'),
    NFC: normalizer({ type: 'NFC' }),
    NFD: normalizer({ type: 'NFD' }),
    NFKC: normalizer({ type: 'NFKC' }),
    NFKD: normalizer({ type: 'NFKD' }),
    Lowercase: normalizer({ type: 'Lowercase' }),
    Strip: normalizer({ type: 'Strip', strip_left: true, strip_right: true }),
    'Replace, literal': normalizer({ type: 'Replace', pattern: { String: 'a' }, content: 'bb' }),
    'Replace, regex': normalizer({ type: 'Replace', pattern: { Regex: ' {2,}|\\n' }, content: ' ' }),
    'Replace by nothing': normalizer({
      type: 'Replace',
      pattern: { Regex: '[^\\p{L}\\p{Zs}]' },
      content: '',
    }),
    Prepend: normalizer({ type: 'Prepend', prepend: '▁' }),
    'Sequence of normalizers': normalizer({
      type: 'Sequence',
      normalizers: [
        { type: 'NFD' },
        { type: 'Replace', pattern: { Regex: '\\p{Mn}' }, content: '' },
        { type: 'Lowercase' },
        { type: 'Strip', strip_left: false, strip_right: true },
      ],
    }),
    ...Object.fromEntries(flags.map((one) => [`added tokens ${JSON.stringify(one)}`, added(one)])),
    'byte fallback': {
      model: { byte_fallback: true, vocab: [...vocab, ...bytes] },
      ...decoder({ type: 'ByteFallback' }, { type: 'Fuse' }, metaspace),
    },
    'another unknown piece': { model: { unk_id: 20 } },
    'equal scores': {
      model: { vocab: vocab.map(([piece]): [string, number] => [piece, -0.1 * [...piece].length]) },
      pre_tokenizer: metaspace,
    },
    'scores that no six decimals hold': {
      model: { vocab: vocab.map(([piece, score]): [string, number] => [piece, score / 3]) },
    },
    // The reference panics on a token shorter than what both ends may lose.
    'Strip decoder, start': decoder({ type: 'Strip', content: '▁', start: 2, stop: 0 }),
    'Strip decoder, end': decoder({ type: 'Strip', content: 'a', start: 0, stop: 1 }, metaspace),
    'Replace decoder': decoder({ type: 'Replace', pattern: { Regex: '[a-c]' }, content: '' }, metaspace),
    'Metaspace decoder': { decoder: metaspace },
    'two end tokens': {
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: 'start', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '</s>', type_id: 0 } },
          { SpecialToken: { id: '</s>', type_id: 0 } },
        ],
        pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }],
        special_tokens: {
          start: { id: 'start', ids: [4, 5], tokens: ['<extra_id_1>', '<extra_id_2>'] },
          '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] },
        },
      },
    },
  };
  return new Map(
    Object.entries(changes).map(([name, change]) => [
      name,
      { ...base, ...change, model: { ...base.model, ...change.model } },
    ]),
  );
}
