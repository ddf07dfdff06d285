import { join } from 'node:path';
import { initT5, saveT5 } from '../../src/model/checkpoint';
import { saveTokenizer } from '../../src/model/tokenizer';
import { random } from '../../src/tensor/random';
import type { T5Config } from '../../src/model/config';
import { tinyConfig } from '../support/tinyT5';

const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789[],.'];
const pieces = ['<pad>', '</s>', '<unk>', '▁', ...letters, 'ar', 'ea', '▁a', '▁the'];

/** Writes a folder that holds a random T5 of two small blocks and a tokenizer of letters. */
export async function writeTinyModel(folder: string, config: Partial<T5Config> = {}): Promise<void> {
  const model = initT5({ ...tinyConfig, ...config, vocabulary: pieces.length + 2 }, random(1));
  await saveT5(model, folder);
  model.dispose();
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const metaspace = { type: 'Metaspace' as const, replacement: '▁', prepend_scheme: 'always' as const };
  await saveTokenizer(join(folder, 'tokenizer.json'), {
    added_tokens: pieces.slice(0, 3).map((content, id) => ({ id, content, ...special })),
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A' } }, { SpecialToken: { id: '</s>' } }],
      special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
    },
    decoder: metaspace,
    model: {
      type: 'Unigram',
      unk_id: 2,
      vocab: pieces.map((piece, id): [string, number] => [piece, id < 3 ? 0 : -[...piece].length - id / 100]),
    },
  });
}
