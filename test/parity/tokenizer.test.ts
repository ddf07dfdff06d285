import { parse } from 'csv-parse/sync';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, saveTokenizer } from '../../src/model/tokenizer';
import { temporaryFolder } from '../support/temporaryFolder';
import { hostileTexts, longTexts } from './tokenizerTexts';
import { tokenizerVariants } from './tokenizerVariants';

type Answer = { readonly ids: readonly number[]; readonly text: string };

const peers = process.env['SPT_PEERS'];
const published = join(__dirname, '..', '..', '..', 'shared', 'data');
const publishedTokenizer = join(published, 't5-tokenizer', 'tokenizer.json');
const fixtures = join(__dirname, '..', 'fixtures', 'tokenizer');

const jsonLines = <T>(text: string): T[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/** What Python's tokenizers make of the texts, for each file. */
function theirs(files: readonly string[], texts: readonly string[]): Answer[][] {
  const output = execFileSync(peers as string, [join(__dirname, 'tokenizer.py'), ...files], {
    input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, PYTHONIOENCODING: 'utf8' },
  });
  const answers = jsonLines<Answer>(output);
  return files.map((_, i) => answers.slice(i * texts.length, (i + 1) * texts.length));
}

async function ours(file: string, texts: readonly string[]): Promise<Answer[]> {
  const tokenizer = await loadTokenizer(file);
  return texts.map((text) => {
    const ids = tokenizer.encode(text);
    return { ids, text: tokenizer.decode(ids) };
  });
}

/** The texts whose ids or decoded text differ. */
function mismatches(texts: readonly string[], a: readonly Answer[], b: readonly Answer[]): string[] {
  expect(a).toHaveLength(texts.length);
  expect(b).toHaveLength(texts.length);
  return texts.filter((_, i) => JSON.stringify(a[i]) !== JSON.stringify(b[i]));
}

/** Every meaning representation and reference of the published E2E files. */
function publishedTexts(): string[] {
  const folder = join(published, 'e2e');
  const files = [
    gunzipSync(readFileSync(join(folder, 'trainset.csv.gz'))),
    readFileSync(join(folder, 'devset.csv')),
    readFileSync(join(folder, 'testset_w_refs.csv')),
  ];
  return [...new Set(files.flatMap((file) => (parse(file) as string[][]).flat()))];
}

describe.each(['present', 'older'])('the stored answers of tokenizers, %s layout', (layout) => {
  const texts = jsonLines<string>(readFileSync(join(fixtures, 'texts.jsonl'), 'utf8'));
  const stored = jsonLines<Answer>(readFileSync(join(fixtures, `${layout}.expected.jsonl`), 'utf8'));
  const file = join(fixtures, `${layout}.json`);

  test('are ours', async () => {
    expect(await ours(file, texts)).toEqual(stored);
  });

  test.skipIf(peers === undefined)('are still theirs', () => {
    expect(theirs([file], texts)[0]).toEqual(stored);
  });
});

describe.skipIf(peers === undefined)('tokenizers, live (SPT_PEERS is set)', () => {
  test("the mini model's folder, as transformers reads it", async () => {
    const folder = join(__dirname, '../../data/mini/model');
    const rows = parse(readFileSync(join(folder, '../e2e/devset.csv'))) as string[][];
    const texts = [...new Set(rows.flat()), ...hostileTexts(500, 'mini')];
    const [theirAnswers] = theirs([folder], texts) as [Answer[]];
    expect(mismatches(texts, await ours(join(folder, 'tokenizer.json'), texts), theirAnswers)).toEqual([]);
  });

  test('every component, on hostile and long texts', async () => {
    const folder = temporaryFolder();
    const variants = [...tokenizerVariants()];
    const files = variants.map((_, i) => join(folder, `${i}.json`));
    for (const [i, [, config]] of variants.entries()) await saveTokenizer(files[i] as string, config);
    const texts = [...hostileTexts(1500, 'variants'), ...longTexts];
    const expected = theirs(files, texts);
    const different: Record<string, readonly string[]> = {};
    for (const [i, [name]] of variants.entries()) {
      const found = mismatches(texts, await ours(files[i] as string, texts), expected[i] as Answer[]);
      if (found.length > 0) different[`${name}: ${found.length} texts`] = found.slice(0, 3);
    }
    expect(different).toEqual({});
    console.log(`tokenizers: ${variants.length} tokenizers, ${texts.length} texts each, all equal`);
  }, 600_000);

  test.skipIf(!existsSync(publishedTokenizer))(
    'the published T5 file, on hostile and long texts and all of E2E',
    async () => {
      const texts = ['', ...hostileTexts(20_000, 'T5'), ...longTexts, ...publishedTexts()];
      const expected = theirs([publishedTokenizer], texts)[0] as Answer[];
      expect(mismatches(texts, await ours(publishedTokenizer, texts), expected)).toEqual([]);
      console.log(`tokenizers: the published T5 file, ${texts.length} texts, all equal`);
    },
    600_000,
  );
});
