import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors';
import { readTask, type TaskName } from '../../src/tasks';
import { readBenchmark } from '../../src/tasks/benchmarkXml';
import { readDart } from '../../src/tasks/dart';
import { fewShotWozDomains } from '../../src/tasks/dialogue';
import { releases } from '../../src/tasks/download/releases';
import { fileSha256 } from '../../src/tasks/download/fetchFile';
import type { Example, Split } from '../../src/tasks/task';

/** The published files where they lie beside the checkout; without them these tests are skipped and say so. */
const published = join(__dirname, '..', '..', '..', 'shared', 'data');
const at = (...path: string[]): string => join(published, ...path);

const references = (examples: readonly Example[]): number =>
  examples.reduce((sum, example) => sum + example.references.length, 0);

describe.skipIf(!existsSync(published))('the published files (../shared/data is there)', () => {
  test.each([
    ['webnlg', 'train', 13_211, 35_426],
    ['webnlg', 'dev', 1667, 4464],
    ['webnlg', 'test', 1779, 5150],
    ['dart', 'dev', 2768, 6980],
    // One of the 12,552 texts of DART's test is empty.
    ['dart', 'test', 5097, 12_551],
    ['dart-own', 'dev', 422, 250 + 106 + 39 + 27],
    ['dialogsum', 'dev', 500, 500],
    ['dialogsum', 'test', 500, 1500],
    ['fewshotwoz', 'train', 340, 340],
    ['fewshotwoz', 'test', 340 + 78 + 1379 + 129 + 47 + 657 + 680, 3310],
    ['squad-qg', 'dev', 6795, 10_570],
    ['squad-qg', 'test', 6652, 11_877],
  ] as const)('%s %s: %i examples, %i references', (name, split, examples, texts) => {
    const read = readTask(name, split, published);
    expect([name === 'dart-own' ? references(read) : read.length, references(read)]).toEqual([
      examples,
      texts,
    ]);
    expect(new Set(read.map(({ id }) => id)).size).toBe(read.length);
    for (const { source, target, references: all } of read) {
      expect(all).toContain(target);
      expect(source.trim()).not.toBe('');
      expect(/\n/.test(source)).toBe(false);
    }
  });

  test('WebNLG: labels, categories, shapes, marked texts, original triples', () => {
    const examples = readTask('webnlg', 'test', published);
    const labels = ['seen', 'unseen entities', 'unseen categories'];
    expect(labels.map((label) => examples.filter(({ meta }) => meta['label'] === label).length)).toEqual([
      490, 393, 896,
    ]);
    // The release gives type3 to 83 entries of other categories, too.
    const absent = ['Film', 'MusicalWork', 'Scientist'];
    const unseen = examples.filter(({ meta }) => absent.includes(String(meta['category'])));
    expect(unseen).toHaveLength(813);
    expect(new Set(unseen.map(({ meta }) => meta['label']))).toEqual(new Set(['unseen categories']));
    expect(examples[0]).toMatchObject({
      source: expect.stringContaining(
        "Agremiação Sportiva Arapiraquense | nickname | ''Alvinegro && ",
      ) as string,
      meta: { category: 'SportsTeam', eid: 'Id1', size: 5, shape_type: 'mixed', label: 'seen' },
    });
    const train = readTask('webnlg', 'train', published);
    expect(train.reduce((sum, { meta }) => sum + Number(meta['marked'] ?? 0), 0)).toBe(5);
    const one = readBenchmark(at('webnlg/release_v3.0/en/train/3triples/Astronaut.xml'))[0];
    expect(one?.originals).toHaveLength(1);
    expect(one?.originals[0]?.[1]).toEqual([
      'Alan_Bean',
      'timeInSpace',
      '"100305.0"^^<http://dbpedia.org/datatype/minute>',
    ]);
    expect(train.find(({ source }) => source.includes('time in space'))?.source).toContain(
      'Alan Bean | time in space | 100305.0 (minutes)',
    );
    const stem = at('webnlg/release_v3.0/en/test/rdf-to-text-generation-test-data');
    const [withTexts, without] = ['with', 'without'].map((which) =>
      readBenchmark(`${stem}-${which}-refs-en.xml`),
    );
    expect(without?.map(({ triples }) => triples)).toEqual(withTexts?.map(({ triples }) => triples));
  }, 60_000);

  test('DART: JSON and XML say the same, sources are kept, tables are named in words', () => {
    const json = readDart(at('dart/dart-v1.1.1-full-dev.json'));
    const xml = readDart(at('dart/dart-v1.1.1-full-dev.xml'));
    expect(json.filter(({ subtreeWasExtended }) => subtreeWasExtended === undefined)).toHaveLength(1475);
    expect(xml.map(({ triples }) => triples)).toEqual(json.map(({ triples }) => triples));
    const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();
    const texts = (entries: typeof json): string[][] =>
      entries.map(({ annotations }) => annotations.map(({ source, text }) => `${source}: ${squeezed(text)}`));
    expect(texts(xml)).toEqual(texts(json));
    expect(readTask('dart', 'test', published)[0]?.source).toBe(
      'Hawaii Five-O | notes | Episode: The Flight of the Jewels && table context | table title | Jeff Daniels && table context | title | Hawaii Five-O',
    );
  }, 60_000);

  test('FewShotWOZ: the text files alone read too, with a line more in four domains', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spt-woz-'));
    const json = readTask('fewshotwoz', 'train', published);
    for (const domain of fewShotWozDomains) {
      mkdirSync(join(folder, domain));
      writeFileSync(join(folder, domain, 'train.txt'), readFileSync(at('fewshotwoz', domain, 'train.txt')));
    }
    const rowsOf = (examples: readonly Example[], domain: string): number =>
      references(examples.filter(({ meta }) => meta['domain'] === domain));
    const text = readTask('fewshotwoz', 'train', folder);
    const counts = (examples: readonly Example[]): number[] =>
      fewShotWozDomains.map((domain) => rowsOf(examples, domain));
    expect(counts(json)).toEqual([50, 50, 50, 50, 40, 50, 50]);
    expect(counts(text)).toEqual([50, 51, 51, 51, 40, 50, 51]);
    expect(json.find(({ meta }) => meta['domain'] === 'laptop')?.source).toBe(
      'inform : name = satellite eurus 65 ; type = laptop ; memory = 4 gb ; isforbusinesscomputing = true ; driverange = medium',
    );
  });

  test('the hashes that downloads are held against are those of these files', async () => {
    for (const [name, { sha256 }] of Object.entries(releases))
      for (const [path, wanted] of Object.entries(sha256)) {
        const file = at(name, path);
        if (/\.\w+$/.test(path) && existsSync(file)) expect(await fileSha256(file), file).toBe(wanted);
      }
  });

  const mangled: readonly (readonly [TaskName, Split, string, RegExp])[] = [
    ['e2e', 'dev', 'e2e/devset.csv', /devset\.csv:\d+: /],
    ['dart', 'dev', 'dart/dart-v1.1.1-full-dev.json', /dev\.json:\d+: /],
    ['dart', 'test', 'dart/dart-v1.1.1-full-test.xml', /test\.xml:\d+: /],
    ['dialogsum', 'dev', 'dialogsum/dialogsum.dev.jsonl', /dev\.jsonl:\d+: /],
    ['fewshotwoz', 'train', 'fewshotwoz/hotel/train.json', /hotel\/train\.json:\d+: /],
    [
      'webnlg',
      'test',
      'webnlg/release_v3.0/en/test/rdf-to-text-generation-test-data-with-refs-en.xml',
      /refs-en\.xml:\d+: /,
    ],
  ];
  test.each(mangled)(
    'a cut and a half-encoded copy of %s %s give file and line',
    (name, split, file, where) => {
      const bytes = readFileSync(at(file));
      const half = Math.floor(bytes.length / 2);
      // A cut between the quotes of a CSV row is one that the format can tell.
      const cut =
        name === 'e2e' ? bytes.subarray(0, bytes.indexOf('"name[', half) + 9) : bytes.subarray(0, half);
      const latin = Buffer.concat([cut, Buffer.from('caf\xe9', 'latin1'), bytes.subarray(cut.length)]);
      for (const broken of [cut, latin]) {
        const root = mkdtempSync(join(tmpdir(), 'spt-mangled-'));
        const target = join(root, file);
        mkdirSync(join(target, '..'), { recursive: true });
        writeFileSync(target, broken);
        expect(() => readTask(name, split, root)).toThrow(DataError);
        expect(() => readTask(name, split, root)).toThrow(where);
      }
    },
    60_000,
  );
});
