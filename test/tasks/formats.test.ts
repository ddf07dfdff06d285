import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { DataError } from '../../src/errors';
import { readTask, type TaskName } from '../../src/tasks';
import { readE2e } from '../../src/tasks/e2e';
import { readBenchmark } from '../../src/tasks/benchmarkXml';
import { parseActs } from '../../src/tasks/dialogue';
import { lineariseActs, lineariseTriples } from '../../src/tasks/linearise';
import type { Example, Split } from '../../src/tasks/task';

// All files here are made up for these tests, in the published formats.

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spt-formats-'));
});

function write(path: string, text: string | Buffer): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const read = (task: TaskName, split: Split): readonly Example[] => readTask(task, split, root);

/** Expects a refusal in one line that says where and why. */
function refuses(task: TaskName, split: Split, where: string, why: string): void {
  expect(() => read(task, split)).toThrow(DataError);
  expect(() => read(task, split)).toThrow(where);
  expect(() => read(task, split)).toThrow(why);
  expect(() => read(task, split)).not.toThrow('\n');
}

const entry = (inside: string, attributes = 'category="Airport" eid="Id1" size="1"'): string =>
  `<?xml version='1.0' encoding='utf-8'?>\n<benchmark>\n<entries>\n<entry ${attributes}>\n${inside}\n</entry>\n</entries>\n</benchmark>\n`;
const triple = '<modifiedtripleset><mtriple>A_B | cityServed | "C &amp; D"</mtriple></modifiedtripleset>';

describe('linearisation', () => {
  test('properties become words, names lose underscores and quotes, tables are named', () => {
    expect(
      lineariseTriples([
        ['A_B', 'birthPlace', '"x"'],
        ['A_B', 'ISBN_number', '"100305.0"(minutes)'],
        ['[TABLECONTEXT]', '[TITLE]', 'Jeff Daniels'],
        ['[TABLECONTEXT]', 'NO._OF_CHANNELS', '"Squeezed" or "smashed"'],
      ]),
    ).toBe(
      'A B | birth place | x && A B | ISBN number | 100305.0 (minutes) && table context | table title | Jeff Daniels && table context | no. of channels | "Squeezed" or "smashed"',
    );
  });

  test('acts in every notation of FewShotWOZ', () => {
    expect(parseActs("?request ( area = ? ; name ) @ inform(type='a=b';near=)")).toEqual([
      { act: '?request', slots: [{ slot: 'area' }, { slot: 'name' }] },
      { act: 'inform', slots: [{ slot: 'type', value: 'a=b' }, { slot: 'near' }] },
    ]);
    expect(lineariseActs(parseActs('inform(a=b;c=?) @ bye()') ?? [])).toBe('inform : a = b ; c && bye');
    expect(parseActs('inform')).toBeUndefined();
  });
});

describe('E2E', () => {
  test('what was UTF-8 read as Latin-1 is repaired in MR and reference', () => {
    write('devset.csv', 'mr,ref\n"name[CafÃ© X], priceRange[Â£20-25]",CafÃ© X costs Â£20.\n');
    expect(read('e2e', 'dev')[0]).toMatchObject({
      source: 'name[Café X], priceRange[£20-25]',
      target: 'Café X costs £20.',
    });
  });

  test('the cleaned release has two columns more', () => {
    const file = write('devel-fixed.no-ol.csv', 'mr,ref,fixed,orig_mr\nm[1],a text,1,m[2]\nm[1],b,0,m[1]\n');
    expect(read('e2e-cleaned', 'dev')[0]?.references).toEqual(['a text', 'b']);
    expect(readE2e(file)[0]).toEqual({ mr: 'm[1]', reference: 'a text', fixed: '1', originalMr: 'm[2]' });
    write('test-fixed.csv.gz', gzipSync('mr,ref,fixed,orig_mr\nm,x,0\n'));
    refuses('e2e-cleaned', 'test', 'test-fixed.csv.gz:2: ', 'found 3');
  });
});

describe('WebNLG', () => {
  test('2.1, 2017 with its unseen categories, and a lex of the enriched releases', () => {
    const lex = '<lex comment="good" lid="Id1"><text>It is so .</text><template>X</template></lex>';
    write('release_v2.1/xml/train/1triples/Airport.xml', entry(triple + lex));
    write(
      'webnlg_challenge_2017/testdata_with_lex.xml',
      entry(`${triple}<lex comment="" lid="Id1">so</lex>`),
    );
    expect(read('webnlg-2', 'train')[0]).toMatchObject({
      source: 'A B | city served | C & D',
      target: 'It is so .',
      meta: { category: 'Airport', file: '1triples/Airport.xml' },
    });
    expect(read('webnlg-2017', 'test')[0]?.meta['label']).toBe('seen');
    const artist = entry(`${triple}<lex lid="Id1">so</lex>`, 'category="Artist" eid="Id1" size="1"');
    write('webnlg_challenge_2017/testdata_with_lex.xml', artist);
    expect(read('webnlg-2017', 'test')[0]?.meta['label']).toBe('unseen categories');
  });

  test('bad texts are references, never the target; original triples are kept', () => {
    const file = write(
      'release_v3.0/en/dev/1triples/A.xml',
      entry(
        `<originaltripleset><otriple>A | b | c</otriple></originaltripleset>${triple}<lex comment="bad" lid="Id1">no</lex><lex comment="good" lid="Id2"><![CDATA[yes < no]]></lex>`,
      ),
    );
    expect(read('webnlg', 'dev')[0]).toMatchObject({
      target: 'yes < no',
      references: ['no', 'yes < no'],
      meta: { marked: 1, size: 1 },
    });
    expect(readBenchmark(file)[0]?.originals).toEqual([[['A', 'b', 'c']]]);
  });

  const broken: readonly (readonly [string, string, number, string])[] = [
    ['a tag never closed', entry(`${triple}<lex>x`).replace('</lex>', ''), 6, 'not XML'],
    ['a cut file', entry(`${triple}<lex>x</lex>`).slice(0, -40), 5, 'not XML'],
    ['no XML at all', 'mr,ref', 1, 'not XML'],
    ['another root', '<rows></rows>', 1, 'root must be <benchmark>'],
    ['an entry without eid', entry(triple, 'category="A" size="1"'), 4, 'attribute eid'],
    ['a triple of two parts', entry(triple.replace(' | cityServed', '')), 5, 'subject | property | object'],
    [
      'another size',
      entry(`${triple}<lex>x</lex>`, 'category="A" eid="Id1" size="2"'),
      4,
      'found 1 modified',
    ],
    ['no text', entry(triple), 4, 'has no text'],
    ['an empty text', entry(`${triple}<lex/>`), 4, 'empty text'],
    ['an undefined entity', entry(`${triple}<lex>&x;</lex>`), 5, 'not XML'],
    [
      'entities that grow without end',
      `<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n${entry(`${triple}<lex>&b;</lex>`).split('\n').slice(1).join('\n')}`,
      1,
      'DOCTYPE is not allowed',
    ],
    [
      'an entity that reads a file',
      `<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<benchmark>&x;</benchmark>`,
      1,
      'DOCTYPE is not allowed',
    ],
  ];
  test.each(broken)('%s', (_, text, line, why) => {
    write('release_v3.0/en/dev/1triples/A.xml', text);
    refuses('webnlg', 'dev', `A.xml:${line}: `, why);
  });

  test('a wrong label of a test entry', () => {
    const stem = 'release_v3.0/en/test/rdf-to-text-generation-test';
    write(`${stem}-data-with-refs-en.xml`, entry(`${triple}<lex>x</lex>`));
    write(`${stem}-instance-types.json`, '{"Id1": "type4"}');
    refuses('webnlg', 'test', 'instance-types.json: Id1', 'type1, type2 or type3');
  });
});

describe('DART', () => {
  const json = (entries: unknown): string => JSON.stringify(entries, undefined, 1);
  const one = { tripleset: [['A', 'B_C', 'd']], annotations: [{ source: 'e2e', text: 'x' }] };

  test('JSON before XML; the own part leaves out what E2E and WebNLG gave', () => {
    const own = {
      ...one,
      annotations: [{ source: 'WikiSQL_lily', text: 'own' }],
      subtree_was_extended: true,
    };
    write('dart-v1.1.1-full-dev.json', json([one, own]));
    expect(read('dart', 'dev').map(({ id, target }) => [id, target])).toEqual([
      ['dart-dev-0', 'x'],
      ['dart-dev-1', 'own'],
    ]);
    expect(read('dart-own', 'dev')).toMatchObject([
      { id: 'dart-own-dev-1', meta: { sources: 'WikiSQL_lily', extended: true } },
    ]);
  });

  const broken: readonly (readonly [string, string, string, string])[] = [
    ['a cut file', json([one, one]).slice(0, 60), 'dev.json:9: ', 'not JSON'],
    ['no list', '{}', 'dev.json:1: ', 'must be a list'],
    [
      'a triple of two',
      json([one, { ...one, tripleset: [['a', 'b']] }]),
      'entry 2: tripleset.0: ',
      'expected array',
    ],
    ['no annotations', json([{ tripleset: one.tripleset }]), 'entry 1: annotations: ', 'expected array'],
    ['no entries', '[]', 'dev.json', 'is empty'],
  ];
  test.each(broken)('%s', (_, text, where, why) => {
    write('dart-v1.1.1-full-dev.json', text);
    refuses('dart', 'dev', where, why);
  });
});

describe('DialogSum', () => {
  test('numbered summaries in their order, turns in one line', () => {
    const line = {
      fname: 't',
      dialogue: '#Person1#: a\n#Person2#: b',
      summary2: 'two',
      summary1: 'one',
      topic1: 'x',
    };
    write('dialogsum.test.jsonl', `\n${JSON.stringify(line)}\n\n`);
    expect(read('dialogsum', 'test')[0]).toMatchObject({
      source: '#Person1#: a #Person2#: b',
      references: ['one', 'two'],
      meta: { fname: 't', topic: 'x' },
    });
  });

  test('a cut line, a missing summary, an empty dialogue', () => {
    const good = '{"fname":"a","dialogue":"b","summary":"c"}\n';
    write('dialogsum.dev.jsonl', `${good}\n${good.slice(0, 20)}`);
    refuses('dialogsum', 'dev', 'dev.jsonl:3: ', 'not JSON');
    write('dialogsum.dev.jsonl', `${good}{"fname":"a","dialogue":"b"}\n`);
    refuses('dialogsum', 'dev', 'dev.jsonl:2: ', 'summary');
    write('dialogsum.dev.jsonl', '{"fname":"a","dialogue":" ","summary":"c"}\n');
    refuses('dialogsum', 'dev', 'dev.jsonl:1: ', 'dialogue');
  });
});

describe('dialogue acts', () => {
  test('equal acts are one example with several references; a published set has no dev split', () => {
    write(
      'hotel/test.json',
      JSON.stringify([
        ['inform(a=b)', 'x', 'x'],
        ['inform(a=b)', 'y', 'y'],
      ]),
    );
    expect(read('fewshotwoz', 'test')).toMatchObject([
      {
        source: 'inform : a = b',
        references: ['x', 'y'],
        meta: { domain: 'hotel', act: 'inform(a=b)', rows: 2 },
      },
    ]);
    refuses('fewshotwoz', 'dev', 'fewshotwoz: has no dev split', 'none was published');
  });

  test('broken rows', () => {
    write(
      'hotel/test.json',
      JSON.stringify([
        ['inform(a=b)', 'x', 'x'],
        ['inform', 'x', 'x'],
      ]),
    );
    refuses('fewshotwoz', 'test', 'hotel/test.json: entry 2', 'act(slot=value;...)');
    write('hotel/test.json', JSON.stringify([['inform(a=b)', 'x']]));
    refuses('fewshotwoz', 'test', 'hotel/test.json: entry 1', '[act, text, text]');
    write('taxi/train.txt', 'inform ( a = b ) & x\ninform ( a = b )\n');
    refuses('fewshotwoz', 'train', 'taxi/train.txt:2: ', 'act & text');
  });

  const turn = (speaker: string, actions: object[], utterance = 'Here you go.'): object => ({
    speaker,
    utterance,
    frames: [{ service: 'Hotels_1', actions }],
  });
  const inform = { act: 'INFORM', slot: 'city', values: ['Paris', 'Rome'], canonical_values: [] };

  test("the Schema-Guided format: the system's turns", () => {
    const dialogue = {
      dialogue_id: '1_00',
      turns: [
        turn('USER', [inform]),
        turn('SYSTEM', [
          inform,
          { act: 'REQUEST', slot: 'date', values: [] },
          { act: 'GOODBYE', slot: '', values: [] },
        ]),
        turn('SYSTEM', []),
      ],
    };
    write('dev/dialogues_001.json', JSON.stringify([dialogue]));
    write('dev/schema.json', '[]');
    expect(read('sgd', 'dev')).toEqual([
      {
        id: 'sgd-dev-0',
        source: 'inform : city = Paris, Rome && request : date && goodbye',
        target: 'Here you go.',
        references: ['Here you go.'],
        meta: { dialogue: '1_00', turn: 1, service: 'Hotels_1' },
      },
    ]);
    write('dev/dialogues_001.json', JSON.stringify([dialogue, { turns: [] }]));
    refuses('sgd', 'dev', 'dialogues_001.json: entry 2: dialogue_id: ', 'expected string');
    const silent = { ...dialogue, turns: [turn('SYSTEM', [inform], ' ')] };
    write('dev/dialogues_001.json', JSON.stringify([silent]));
    refuses('sgd', 'dev', 'dialogue 1_00: turn 0', 'says nothing');
  });
});

describe('question generation', () => {
  test('line n of two files; a cut file and an empty line', () => {
    write('src-dev.txt', 'a b .\r\na b .\nc\n');
    write('tgt-dev.txt', 'x ?\ny ?\nz ?');
    expect(read('squad-qg', 'dev').map(({ references }) => references)).toEqual([['x ?', 'y ?'], ['z ?']]);
    write('tgt-dev.txt', 'x ?\ny');
    refuses('squad-qg', 'dev', 'tgt-dev.txt:3: ', 'found 3 and 2');
    write('tgt-dev.txt', 'x ?\n\ny ?\n');
    refuses('squad-qg', 'dev', 'tgt-dev.txt:2: ', 'empty');
  });

  test('SQuAD v1.1: the answer with its paragraph; the questions of one answer together', () => {
    const qa = (id: string, question: string, start: number): object => ({
      id,
      question,
      answers: [{ text: 'Paris', answer_start: start }],
    });
    const squad = (qas: object[]): string =>
      JSON.stringify({ data: [{ title: 'T', paragraphs: [{ context: 'In Paris.\nSo.', qas }] }] });
    write('dev-v1.1.json', squad([qa('q1', 'Where?', 3), qa('q2', ' In which town? ', 3)]));
    expect(read('squad', 'dev')).toMatchObject([
      {
        source: 'answer : Paris && context : In Paris. So.',
        references: ['Where?', 'In which town?'],
        meta: { title: 'T', question: 'q1', rows: 2 },
      },
    ]);
    write('dev-v1.1.json', squad([qa('q1', 'Where?', 4)]));
    refuses('squad', 'dev', 'question q1', 'must stand in the context at 4');
    write('dev-v1.1.json', '{"data": [{"title": "T"}]}');
    refuses('squad', 'dev', 'dev-v1.1.json: data.0.paragraphs: ', 'expected array');
    refuses('squad', 'test', 'squad: has no test split', 'none was published');
  });
});

describe('columns of any CSV or JSON Lines', () => {
  test('named by columns.json, several targets as references', () => {
    write('columns.json', '{"source": "question", "target": ["answer", "other"]}');
    write('test.csv', 'id,other,question,answer\n1,b,q,"a, c"\n2,d,q,e\n');
    expect(read('columns', 'test')).toEqual([
      {
        id: 'columns-test-0',
        source: 'q',
        target: 'a, c',
        references: ['a, c', 'b', 'e', 'd'],
        meta: { rows: 4 },
      },
    ]);
  });

  test('source and target without it; what is missing is named', () => {
    write('train.jsonl', '{"source":"a","target":"b"}\n\n{"source":"c","target":5}\n');
    refuses('columns', 'train', 'train.jsonl:3: ', 'target must be a text; found 5');
    write('dev.csv', 'source,text\na,b\n');
    refuses('columns', 'dev', 'dev.csv:2: ', 'target must be a text; found nothing');
    write('columns.json', '{"sorce": "a"}');
    refuses('columns', 'dev', 'columns.json: the file', 'sorce');
  });
});
