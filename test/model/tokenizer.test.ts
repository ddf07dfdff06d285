import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError, ConfigError } from '../../src/errors';
import { createTokenizer, loadTokenizer, saveTokenizer } from '../../src/model/tokenizer';
import { parseTokenizerJson, type TokenizerConfig } from '../../src/model/tokenizer/tokenizerJson';
import { temporaryFolder } from '../support/temporaryFolder';

const fixtures = join(__dirname, '..', 'fixtures', 'tokenizer');
const older = join(fixtures, 'older.json');

/** A tokenizer of a few pieces: id 0 is unknown, the others as listed from 1. */
function tiny(
  pieces: readonly (readonly [string, number])[],
  rest: Partial<TokenizerConfig> = {},
): TokenizerConfig {
  return {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...rest,
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [['<unk>', 0], ...pieces.map(([p, s]): [string, number] => [p, s])],
    },
  };
}

const token = (content: string, flags: Partial<TokenizerConfig['added_tokens'][number]> = {}) => ({
  id: 0,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
  ...flags,
});

/** The message of the error that a changed copy of the older fixture's JSON gives. */
async function refusal(change: (json: Record<string, unknown>) => void): Promise<Error> {
  const file = join(temporaryFolder(), 'tokenizer.json');
  const json = JSON.parse(readFileSync(older, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(file, JSON.stringify(json));
  try {
    await loadTokenizer(file);
  } catch (error) {
    const { message } = error as Error;
    expect(message.startsWith(`${file}: `), message).toBe(true);
    expect(message).not.toContain('\n');
    return Object.assign(error as Error, { message: message.slice(file.length + 2) });
  }
  throw new Error('the file was taken');
}

describe('Unigram', () => {
  test('takes the segmentation of highest score', () => {
    const tokenizer = createTokenizer(
      tiny([
        ['a', 0],
        ['b', 0],
        ['c', 0],
        ['d', 0],
        ['cd', 1],
        ['ab', 2],
        ['abc', 5],
        ['abcd', 10],
      ]),
    );
    expect(tokenizer.encode('abcdacdxx')).toEqual([8, 1, 5, 0]);
    expect(tokenizer.encode('abc')).toEqual([7]);
    expect(tokenizer.encode('')).toEqual([]);
  });

  test('an unknown character costs the lowest score minus 10, neighbours become one', () => {
    const pieces: [string, number][] = [
      ['a', -1],
      ['ab', -13],
      ['c', -3],
    ];
    // a and an unknown b: -1 - 23; ab: -13.
    expect(createTokenizer(tiny(pieces)).encode('ab')).toEqual([2]);
    expect(createTokenizer(tiny(pieces)).encode('axyc😀é')).toEqual([1, 0, 3, 0]);
    // Now a and an unknown b: -1 - 13.5 beats ab.
    pieces[1] = ['ab', -15];
    pieces.push(['z', -3.5]);
    expect(createTokenizer(tiny(pieces)).encode('ab')).toEqual([2]);
    expect(
      createTokenizer(
        tiny([
          ['a', 20],
          ['ab', -15],
        ]),
      ).encode('ab'),
    ).toEqual([1, 0]);
  });

  test('without an unknown piece an unknown character is an error', () => {
    const config = tiny([['a', -1]]);
    const tokenizer = createTokenizer({ ...config, model: { ...config.model, unk_id: null } });
    expect(tokenizer.encode('aa')).toEqual([1, 1]);
    expect(() => tokenizer.encode('ab')).toThrow(ConfigError);
  });

  test('bytes stand for unknown characters where the model has all of them', () => {
    const config = tiny([
      ['a', -1],
      ['<0xC3>', -9],
      ['<0xA9>', -9],
    ]);
    const tokenizer = createTokenizer({
      ...config,
      decoder: { type: 'ByteFallback' },
      model: { ...config.model, byte_fallback: true },
    });
    expect(tokenizer.encode('aé')).toEqual([1, 2, 3]);
    expect(tokenizer.encode('aè')).toEqual([1, 0]);
    expect(tokenizer.decode([1, 2, 3])).toBe('aé');
    expect(tokenizer.decode([2, 2, 1])).toBe('\ufffd\ufffda');
  });

  test('a lone surrogate is read as the replacement character', () => {
    const config = tiny([
      ['a', -1],
      ['\ufffd', -2],
    ]);
    const tokenizer = createTokenizer(config);
    expect(tokenizer.encode('a\ud800a\udc00\ufffd')).toEqual([1, 2, 1, 2, 2]);
    expect(tokenizer.encode('\ud83d\ude00')).toEqual([0]);
  });

  test('a caller cannot spoil the cache', () => {
    const tokenizer = createTokenizer(tiny([['a', -1]]));
    tokenizer.encode('aa').push(7);
    expect(tokenizer.encode('aa')).toEqual([1, 1]);
  });
});

describe('added tokens', () => {
  const pieces: [string, number][] = [
    ['a', -1],
    [' ', -1],
    ['<x>', -1],
  ];

  test('are found before the model looks, the longest first', () => {
    const config = tiny(pieces, { added_tokens: [token('<x>'), token('<x>y')] });
    expect(createTokenizer(config).encode('a<x>a<x>y')).toEqual([1, 3, 1, 4]);
    expect(createTokenizer(config).vocabulary).toBe(5);
  });

  test('take the spaces beside them as their flags say', () => {
    const encode = (flags: Parameters<typeof token>[1]): number[] =>
      createTokenizer(tiny(pieces, { added_tokens: [token('<x>', flags)] })).encode('a  <x>  a');
    expect(encode({})).toEqual([1, 2, 2, 3, 2, 2, 1]);
    expect(encode({ lstrip: true })).toEqual([1, 3, 2, 2, 1]);
    expect(encode({ rstrip: true })).toEqual([1, 2, 2, 3, 1]);
  });

  test('single words are not found inside words', () => {
    const config = tiny(pieces, { added_tokens: [token('aa', { single_word: true })] });
    expect(createTokenizer(config).encode('aa aaa aa')).toEqual([4, 2, 1, 1, 1, 2, 4]);
  });

  test('normalised ones are found in normalised text, the others in the text as it is', () => {
    const config = tiny(pieces, {
      normalizer: { type: 'Lowercase' },
      added_tokens: [token('XX', { normalized: true }), token('YY')],
    });
    expect(createTokenizer(config).encode('axxXx')).toEqual([1, 4, 4]);
    expect(createTokenizer(config).encode('YYyy')).toEqual([5, 0]);
  });

  test('special ones decode to nothing, and so do ids that the tokenizer lacks', () => {
    const config = tiny(pieces, {
      added_tokens: [token('<x>'), token('<y>', { special: false })],
      decoder: { type: 'Fuse' },
    });
    expect(createTokenizer(config).decode([1, 3, 4, 999, -1, 1])).toBe('a<y>a');
  });
});

describe('a stored tokenizer', () => {
  test('in the older layout reads like the same one in the present layout', async () => {
    const json = JSON.parse(readFileSync(older, 'utf8')) as Record<string, object>;
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
    const present = createTokenizer(
      parseTokenizerJson(
        {
          ...json,
          model: { type: 'Unigram', ...json['model'] },
          pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
          decoder: metaspace,
        },
        'present.json',
      ),
    );
    const before = await loadTokenizer(older);
    expect(before.vocabulary).toBe((json['model'] as { vocab: unknown[] }).vocab.length);
    const text = 'The Brotal serves cafe\u0301 fare,\r\n<extra_id_0> in the old town. x\u0301';
    expect(present.encode(text)).toEqual(before.encode(text));
    expect(before.decode(before.encode(text))).toContain('café fare');
  });

  test('takes time linear in the text', async () => {
    for (const name of ['older.json', 'present.json']) {
      const tokenizer = await loadTokenizer(join(fixtures, name));
      // The mark, one unknown run, the end token.
      expect(tokenizer.encode('😀'.repeat(200_000))).toHaveLength(3);
      expect(tokenizer.encode('e\u0301'.repeat(100_000)).length).toBeGreaterThan(100_000);
      expect(tokenizer.encode('a b '.repeat(50_000)).length).toBeGreaterThan(100_000);
    }
  });

  test('is written whole and reads back the same', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'tokenizer.json');
    const config = parseTokenizerJson(JSON.parse(readFileSync(join(fixtures, 'present.json'), 'utf8')), 'f');
    await saveTokenizer(file, config);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(readFileSync(join(fixtures, 'present.json'), 'utf8')),
    );
    expect(readdirSync(folder)).toEqual(['tokenizer.json']);
    mkdirSync(join(folder, 'taken'));
    await expect(saveTokenizer(join(folder, 'taken'), config)).rejects.toThrow(CheckpointError);
    expect(readdirSync(folder).sort()).toEqual(['taken', 'tokenizer.json']);
  });
});

describe('a file that cannot be read is refused in one line that names it and the field', () => {
  test('missing file, no JSON, cut file', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'tokenizer.json');
    expect(existsSync(file)).toBe(false);
    await expect(loadTokenizer(file)).rejects.toThrow(`${file}: cannot be read; ENOENT`);
    for (const content of ['', '{"model": ', readFileSync(older, 'utf8').slice(0, 5000)]) {
      writeFileSync(file, content);
      await expect(loadTokenizer(file)).rejects.toThrow(`${file}: must be JSON; `);
      await expect(loadTokenizer(file)).rejects.toThrow(CheckpointError);
    }
    writeFileSync(file, '[1]');
    await expect(loadTokenizer(file)).rejects.toThrow(`${file}: the file: `);
  });

  test.each<[string, (json: Record<string, unknown>) => void, string, typeof CheckpointError]>([
    [
      'another model',
      (json) => (json['model'] = { type: 'BPE', vocab: {}, merges: [] }),
      'model.type: ',
      CheckpointError,
    ],
    [
      'another model in the older layout',
      (json) => (json['model'] = { vocab: { a: 0 }, merges: [] }),
      'model.vocab: ',
      CheckpointError,
    ],
    ['no model', (json) => delete json['model'], 'model: ', CheckpointError],
    [
      'a vocabulary line without score',
      (json) => (json['model'] = { unk_id: 0, vocab: [['<unk>', 0], ['a']] }),
      'model.vocab[1]',
      CheckpointError,
    ],
    [
      'an unknown id outside the vocabulary',
      (json) => (json['model'] = { unk_id: 1, vocab: [['<unk>', 0]] }),
      'model.unk_id: must be an index into the vocabulary; found 1',
      CheckpointError,
    ],
    [
      'a cut charsmap',
      (json) => (json['normalizer'] = { type: 'Precompiled', precompiled_charsmap: 'ALQCAACE' }),
      'normalizer.precompiled_charsmap: must hold a whole charsmap, found 6 bytes; found "ALQCAACE"',
      CheckpointError,
    ],
    [
      'a normalizer that is not supported',
      (json) =>
        (json['normalizer'] = {
          type: 'Sequence',
          normalizers: [{ type: 'NFC' }, { type: 'BertNormalizer' }],
        }),
      'normalizer.normalizers[1].type: "BertNormalizer" is not supported',
      ConfigError,
    ],
    [
      'a pre-tokenizer that is not supported',
      (json) => (json['pre_tokenizer'] = { type: 'ByteLevel' }),
      'pre_tokenizer.type: "ByteLevel" is not supported',
      ConfigError,
    ],
    [
      'a decoder that is not supported',
      (json) => (json['decoder'] = { type: 'WordPiece' }),
      'decoder.type: "WordPiece" is not supported',
      ConfigError,
    ],
    [
      'a post-processor that is not supported',
      (json) => (json['post_processor'] = { type: 'BertProcessing' }),
      'post_processor.type: "BertProcessing" is not supported',
      ConfigError,
    ],
    [
      'a regular expression that would match differently',
      (json) =>
        (json['pre_tokenizer'] = {
          type: 'Split',
          pattern: { Regex: '(?i:a)|b' },
          behavior: 'Isolated',
          invert: false,
        }),
      'pre_tokenizer.pattern: the regular expression uses the group (?i:, which is not supported here',
      ConfigError,
    ],
    [
      'a template with a token that is not defined',
      (json) =>
        (json['post_processor'] = {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: '</s>', type_id: 0 } }],
          pair: [],
          special_tokens: {},
        }),
      'post_processor.single[0].SpecialToken.id: must be a key of special_tokens; found "</s>"',
      CheckpointError,
    ],
    [
      'an added token without its flags',
      (json) => (json['added_tokens'] = [{ id: 0, content: 'a' }]),
      'added_tokens[0].single_word: ',
      CheckpointError,
    ],
  ])('%s', async (_, change, message, type) => {
    const error = await refusal(change);
    expect(error.message.startsWith(message), error.message).toBe(true);
    expect(error).toBeInstanceOf(type);
  });
});
