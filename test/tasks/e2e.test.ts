import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DataError } from '../../src/errors';
import { dataFolder } from '../../src/tasks/dataFolder';
import { readTask, taskNamed, tasks } from '../../src/tasks';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spt-e2e-'));
});

const readTest = (text: string | Buffer, name = 'testset_w_refs.csv'): ReturnType<typeof readTask> => {
  writeFileSync(join(folder, name), text);
  return readTask('e2e', 'test', folder);
};

describe('rows become examples', () => {
  test('references are grouped by identical MR in order of first appearance', () => {
    const examples = readTest('mr,ref\n"name[B], area[x]",one\nname[A],two\n"name[B], area[x]",three\n');
    expect(examples).toEqual([
      {
        id: 'e2e-test-0',
        source: 'name[B], area[x]',
        target: 'one',
        references: ['one', 'three'],
        meta: { rows: 2 },
      },
      { id: 'e2e-test-1', source: 'name[A]', target: 'two', references: ['two'], meta: { rows: 1 } },
    ]);
  });

  test.each([
    ['a byte order mark', '\ufeffmr,ref\nm,r "as" is\n'.replaceAll('"', '')],
    ['CRLF', 'mr,ref\r\nm,r as is\r\n'],
    ['no line end at the end', 'mr,ref\nm,r as is'],
    ['every field quoted', '"mr","ref"\n"m","r as is"\n'],
    ['blank lines', 'mr,ref\n\nm,r as is\n\n\n'],
    ['CRLF and LF in one file', 'mr,ref\r\n\nm,r as is\n'],
  ])('%s', (_, text) => {
    expect(readTest(text).map((e) => [e.source, e.references])).toEqual([['m', ['r as is']]]);
  });

  test('quotes and line breaks inside quotes are the text', () => {
    const [first, second] = readTest('mr,ref\r\nm,"a ""b"",\r\nc"\r\n"n\n",£é😀\r\n');
    expect(first?.target).toBe('a "b",\r\nc');
    expect([second?.source, second?.target]).toEqual(['n\n', '£é😀']);
  });

  test('a gzipped file beside reads the same; the plain one comes first', () => {
    expect(readTest(gzipSync('mr,ref\nm,zipped\n'), 'testset_w_refs.csv.gz')[0]?.target).toBe('zipped');
    expect(readTest('mr,ref\nm,plain\n')[0]?.target).toBe('plain');
  });
});

describe('a broken file is refused with its line', () => {
  const cases: readonly (readonly [string, string | Buffer, number, string])[] = [
    ['three fields after a CRLF inside quotes', 'mr,ref\r\na,"b\r\nc"\r\nd,e,f\r\n', 4, 'found 3'],
    ['one field', 'mr,ref\na,b\n\nc\n', 4, 'found 1'],
    ['a quote never closed', 'mr,ref\na,b\nc,"d\ne,f\n', 3, 'never closed'],
    ['text after a quote', 'mr,ref\na,"b\nc"\nd,"e"f\n', 4, 'closing quote'],
    ['a quote in a plain field', 'mr,ref\na,b\nc"d",e\n', 3, 'does not start with one'],
    ['a quote in the second field of a long row', 'mr,ref\n"a\r\nb",c"d"\n', 2, 'does not start with one'],
    ['an empty reference', 'mr,ref\na,"b\nc"\nd,\n', 4, 'ref is empty'],
    ['an empty MR', 'mr,ref\n,x\n', 2, 'mr is empty'],
    ['another header', 'meaning,text\na,b\n', 1, 'header must be mr,ref'],
    ['a header of three columns', 'mr,ref,fixed\na,b\n', 1, 'found mr,ref,fixed'],
    ['an empty file', '', 1, 'found nothing'],
    ['no UTF-8', Buffer.from('mr,ref\na,b\nc,caf\xe9\nd,e\n', 'latin1'), 3, 'UTF-8'],
  ];
  test.each(cases)('%s', (_, text, line, why) => {
    expect(() => readTest(text)).toThrow(DataError);
    expect(() => readTest(text)).toThrow(`${join(folder, 'testset_w_refs.csv')}:${line}: `);
    expect(() => readTest(text)).toThrow(why);
  });

  test('a cut gzip file, and a header without rows', () => {
    const whole = gzipSync('mr,ref\n' + 'a,b\n'.repeat(500));
    expect(() => readTest(whole.subarray(0, 30), 'testset_w_refs.csv.gz')).toThrow(
      'csv.gz: not a whole gzip file',
    );
    expect(() => readTest('mr,ref\n')).toThrow(/testset_w_refs\.csv: the test split is empty/);
  });
});

describe('where a set lies', () => {
  test('in the root, or in its folder below the root', () => {
    mkdirSync(join(folder, 'e2e'));
    writeFileSync(join(folder, 'e2e', 'devset.csv'), 'mr,ref\na,b\n');
    expect(dataFolder(tasks.e2e, 'dev', folder)).toBe(join(folder, 'e2e'));
    expect(dataFolder(tasks.e2e, 'dev', join(folder, 'e2e'))).toBe(join(folder, 'e2e'));
  });

  test('a missing file says what to put where', () => {
    const message = `e2e: no train split; put trainset.csv or trainset.csv.gz into ${join(folder, 'e2e')} or ${folder}`;
    expect(() => readTask('e2e', 'train', folder)).toThrow(new DataError(message));
  });

  test('SPT_DATA names the root of published sets and never that of the shipped ones', () => {
    vi.stubEnv('SPT_DATA', folder);
    writeFileSync(join(folder, 'devset.csv'), 'mr,ref\na,b\n');
    writeFileSync(join(folder, 'other.csv'), 'mr,ref\na,b\n');
    expect(readTask('e2e', 'dev')).toHaveLength(1);
    const shipped = { ...tasks['mini-e2e'], files: { train: [], dev: ['other.csv'], test: [] } };
    expect(() => dataFolder(shipped, 'dev')).toThrow(join('data', 'mini', 'e2e'));
    vi.unstubAllEnvs();
  });

  test('an unknown name lists the known ones', () => {
    expect(() => taskNamed('toString')).toThrow(
      /^task: must be one of e2e, e2e-cleaned, webnlg, .*mini-questions; found toString$/,
    );
  });
});

const published = join(__dirname, '..', '..', '..', 'shared', 'data', 'e2e');
describe.skipIf(!existsSync(published))('the published files (../shared/data is there)', () => {
  test.each([
    ['train', 4862, 42_061],
    ['dev', 547, 4672],
    ['test', 630, 4693],
  ] as const)('%s', (split, groups, rows) => {
    const examples = readTask('e2e', split, join(published, '..'));
    expect(examples).toHaveLength(groups);
    expect(examples.reduce((n, e) => n + e.references.length, 0)).toBe(rows);
    expect(new Set(examples.map((e) => e.id)).size).toBe(groups);
  });
});
