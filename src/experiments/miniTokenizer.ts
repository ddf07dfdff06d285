import type { TokenizerConfig } from '../model/tokenizer/tokenizerJson';
import { trainUnigram } from '../model/unigramTrainer';
import { pretrainingExample, sentinels } from '../tasks/mini';
import { random } from '../tensor/random';
import type { PretrainConfig } from './pretrainConfig';

const specialTokens = ['<pad>', '</s>', '<unk>', ...sentinels];

/** Characters that downstream texts may need, whether the sample holds them or not. */
const alphabet = [
  ...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  ...'.,;:!?\'"()[]{}<>=+-*/%&|#@_~^`\\$£€é▁',
];

/** A mark and the word beside it are tokens of their own; spaces between them say nothing, so all are read alike. */
const preTokenizer: TokenizerConfig['pre_tokenizer'] = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'WhitespaceSplit' },
    { type: 'Split', pattern: { Regex: '[^\\p{L}\\p{M}\\p{N}]' }, behavior: 'Isolated', invert: false },
    { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
  ],
};

/** Where English sets no space around a mark, what is written for it. */
const spacing: readonly (readonly [string, string])[] = [
  ...[',', '.', ';', ':', '!', '?', ')', ']', '}', '%'].map((mark) => [` ${mark}`, mark] as const),
  ...['(', '{', '£', '€', '$', '#', '@'].map((mark) => [`${mark} `, mark] as const),
  [' [ ', '['],
  [' - ', '-'],
  [" ' ", "'"],
  [' / ', '/'],
  [' _ ', '_'],
  ['& &', '&&'],
  ['= >', '=>'],
];

/** Texts of the mixture without sentinels. */
function* texts(config: PretrainConfig): Generator<string> {
  const rng = random(config.seed).fork('tokenizer');
  for (let i = 0; i < config.tokenizerExamples; i++) {
    const { source, target } = pretrainingExample(rng);
    for (const text of [source, target])
      yield sentinels.reduce((rest, sentinel) => rest.replaceAll(sentinel, ' '), text);
  }
}

/**
 * Trains the mini model's tokenizer on the mixture's text. `<pad>` is 0, `</s>` 1, `<unk>` 2, then the sentinels; the
 * template adds the end token. Spaces beside marks are not kept: text comes back with English spacing.
 */
export function miniTokenizer(config: PretrainConfig): TokenizerConfig {
  const pieces = trainUnigram(texts(config), {
    vocabulary: config.vocabulary,
    specialTokens,
    initialAlphabet: alphabet,
    normalizer: { type: 'NFC' },
    preTokenizer,
  });
  return {
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: preTokenizer,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '</s>', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 0 } },
        { SpecialToken: { id: '</s>', type_id: 0 } },
      ],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
        { type: 'Fuse' },
        ...spacing.map(([from, to]) => ({
          type: 'Replace' as const,
          pattern: { String: from },
          content: to,
        })),
      ],
    },
    model: {
      type: 'Unigram',
      unk_id: 2,
      vocab: pieces.map(([piece, score]) => [piece, score]),
      byte_fallback: false,
    },
  };
}
