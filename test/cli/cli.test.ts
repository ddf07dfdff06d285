import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bleu } from '../../src/metrics/bleu';
import { build, jsonLines, shell, spt } from './spt';
import { writeTinyModel } from './tinyModel';
import { useBackend } from '../../src/tensor/backend';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'spt-cli-'));
  writeFileSync(at('testset_w_refs.csv'), 'mr,ref\nm1,a one\nm1,an one\nm2,two\nm3,three\n');
  writeFileSync(at('devset.csv'), 'mr,ref\nm1\n');
  writeFileSync(at('hyp.txt'), 'the cat sat on the mat\n\na b c d e\n');
  writeFileSync(at('ref0.txt'), 'the cat sat on a mat\nx y\na b c d\n');
  writeFileSync(at('ref1.txt'), 'the cat is on the mat\n\n\n');
  writeFileSync(at('mr.txt'), 'name[Aromi]\nname[Aromi]\nname[Aromi]\n');
  writeFileSync(at('short.txt'), 'one line\n');
  writeFileSync(at('bare.txt'), 'x\n\ny\n');
  writeFileSync(at('latin.txt'), Buffer.from('a\ncaf\xe9\nb\n', 'latin1'));
  writeFileSync(at('list.json'), '[1]');
  writeFileSync(at('torn.json'), '{"steps": ');
  writeFileSync(at('typo.json'), '{"stpes": 5}');
  writeFileSync(at('nonumber.json'), '{"steps": "many"}');
  writeFileSync(at('items.jsonl'), '{"id":1,"source":"a"}\n{"id":2}\n');
  await useBackend('tensorflow');
  await writeTinyModel(at('model'));
});

describe('wrong input ends in one line on stderr, nothing on stdout, and its exit status', () => {
  const train = ['train', '--model', 'm', '--task', 'e2e', '--method', 'prompt-tuning', '--shots', '2'];
  const cases: readonly (readonly [
    what: string,
    args: readonly string[],
    status: number,
    message: RegExp,
  ])[] = [
    ['no verb', [], 2, /^error: a verb is missing: doctor, /],
    ['an unknown verb', ['tain'], 2, /^error: unknown command 'tain'/],
    [
      'an unknown option',
      ['data', 'e2e', '--split', 'test', '--sots', '3'],
      2,
      /^error: unknown option '--sots'/,
    ],
    [
      'a missing option',
      ['score', '--hyp', 'x'],
      2,
      /^error: required option '--ref <FILE...>' not specified/,
    ],
    ['a missing argument', ['data', '--split', 'test'], 2, /^error: missing required argument 'DATASET'/],
    ['a missing split', ['data', 'e2e'], 2, /^error: required option '--split <SPLIT>' not specified/],
    ['an argument too many', ['doctor', 'now'], 2, /^error: too many arguments/],
    ['no number', ['data', 'e2e', '--split', 'test', '--shots', 'few'], 2, /whole number of at least 1/],
    ['no such split', ['data', 'e2e', '--split', 'tset'], 2, /Allowed choices are train, dev, test/],
    [
      'no such data set',
      ['data', 'e3e', '--split', 'test'],
      1,
      /^error: task: must be one of e2e, .*found e3e/,
    ],
    [
      'no such protocol',
      ['evaluate', '--run', 'x', '--split', 'test', '--protocol', 'wmt'],
      2,
      /Allowed choices are e2e, webnlg, dart/,
    ],
    ['train without a model', ['train', '--task', 'e2e'], 2, /^error: --model is missing/],
    ['seeds given twice', [...train, '--seed', '1,1'], 2, /Each seed may stand once/],
    [
      'no such method',
      [...train.slice(0, 5), '--method', 'x', '--shots', '2'],
      1,
      /^error: method: must be one of/,
    ],
    ['no such initial prompt', [...train, '--init', 'zeros'], 2, /It must be one of uniform/],
    ['no such backend', ['doctor', '--backend', 'abacus'], 2, /Allowed choices are tensorflow/],
    ['no such tokenizer', ['tokenize', '--tokenizer', '/nowhere/t.json'], 1, /^error: \/nowhere\/t\.json: /],
  ];
  test.each(cases)('%s', (_, args, status, message) => {
    const result = spt(args);
    expect(result.stderr).toMatch(message);
    expect([result.stdout, result.stderr.split('\n').length, result.status]).toEqual(['', 2, status]);
  });

  const files: readonly (readonly [
    what: string,
    args: (at: (name: string) => string) => readonly string[],
    RegExp,
  ])[] = [
    [
      'a broken CSV',
      (f) => ['data', 'e2e', '--split', 'dev', '--root', f('')],
      /devset\.csv:2: a row must hold 2 fields, mr and ref; found 1/,
    ],
    [
      'no data',
      (f) => ['data', 'e2e', '--split', 'train', '--root', f('')],
      /no train split; put trainset\.csv or /,
    ],
    [
      'shots > data',
      (f) => ['data', 'e2e', '--split', 'test', '--root', f(''), '--shots', '9'],
      /9 asked for, .* 3 examples/,
    ],
    [
      'line counts',
      (f) => ['score', '--hyp', f('hyp.txt'), '--ref', f('short.txt')],
      /short\.txt: must have one line .* 1 lines, .*hyp\.txt has 3/,
    ],
    [
      'no reference',
      (f) => ['score', '--hyp', f('hyp.txt'), '--ref', f('bare.txt')],
      /bare\.txt:2: no reference/,
    ],
    ['no such file', (f) => ['score', '--hyp', f('none'), '--ref', f('ref0.txt')], /none: no such file/],
    [
      'no UTF-8',
      (f) => ['score', '--hyp', f('hyp.txt'), '--ref', f('latin.txt')],
      /latin\.txt:2: the text must be UTF-8/,
    ],
    [
      'no such metric beside a protocol',
      (f) => [
        'score',
        '--hyp',
        f('hyp.txt'),
        '--ref',
        f('ref0.txt'),
        '--protocol',
        'e2e',
        '--metrics',
        'bleu',
      ],
      /--metrics: bleu is a key of --protocol e2e/,
    ],
    [
      'a second system of another length',
      (f) => ['score', '--hyp', f('hyp.txt'), '--ref', f('ref0.txt'), '--hyp2', f('short.txt')],
      /short\.txt: must have one line a hypothesis; found 1 lines, .*hyp\.txt has 3/,
    ],
    [
      'outputs that were never made',
      (f) => ['export-outputs', '--run', f(''), '--protocol', 'webnlg'],
      /no run: it holds no config\.json/,
    ],
    [
      'no such metric',
      (f) => ['score', '--hyp', f('hyp.txt'), '--ref', f('ref0.txt'), '--metrics', 'blue'],
      /metrics: must be of bleu, .*found blue/,
    ],
    [
      'a config that is no object',
      (f) => [...train, '--config', f('list.json')],
      /list\.json: must hold a JSON object; found \[1\]/,
    ],
    ['a torn config', (f) => [...train, '--config', f('torn.json')], /torn\.json: must hold a JSON object: /],
    [
      'an unknown key',
      (f) => [...train, '--config', f('typo.json')],
      /config: unknown key 'stpes'; prompt-tuning knows method, /,
    ],
    [
      'a key of the wrong type',
      (f) => [...train, '--config', f('nonumber.json')],
      /steps: .*expected number/,
    ],
    [
      "another method's key",
      (f) => [...train, '--scaling', 'token-wise', '--root', f('')],
      /unknown key 'scaling'/,
    ],
    [
      'an input line without a source',
      (f) => ['generate', '--model', f('model'), '--input', f('items.jsonl')],
      /items\.jsonl:2: source must be a text; found none/,
    ],
    [
      'no such model',
      (f) => ['generate', '--model', f('nothing'), '--input', f('items.jsonl').replace('items', 'empty')],
      /no such file/,
    ],
    ['no run', (f) => ['evaluate', '--run', f(''), '--split', 'test'], /no run: it holds no config\.json/],
  ];
  test.each(files)('%s', (_, args, message) => {
    const result = spt(args(at));
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/^error: /);
    expect([result.stdout, result.stderr.split('\n').length, result.status]).toEqual(['', 2, 1]);
  });
});

describe('help', () => {
  const verbs = [
    ...['doctor', 'tokenize', 'data', 'train', 'generate', 'evaluate', 'score', 'export-outputs'],
    ...['export', 'import', 'pretrain'],
  ];

  test('of the program names every verb', () => {
    const { stdout } = spt(['--help']);
    for (const verb of verbs) expect(stdout).toContain(`  ${verb} [options]`);
  });

  test.each(verbs)('%s', (verb) => {
    const result = spt([verb, '--help']);
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(new RegExp(`^Usage: spt ${verb} \\[options\\]`));
    expect(result.stdout).toContain('--json');
  });
});

describe('data', () => {
  test('prints JSON Lines, or one array', () => {
    const args = ['data', 'e2e', '--split', 'test', '--root', folder];
    const lines = jsonLines(spt(args).stdout);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toEqual({
      id: 'e2e-test-0',
      source: 'm1',
      target: 'a one',
      references: ['a one', 'an one'],
      meta: { rows: 2 },
    });
    expect(JSON.parse(spt([...args, '--json']).stdout)).toEqual(lines);
  });

  test('draws shots by seed', () => {
    const draw = (...args: string[]): unknown[] =>
      jsonLines(spt(['data', 'e2e', '--split', 'test', '--root', folder, ...args]).stdout);
    expect(draw('--shots', '3', '--seed', '4').slice(0, 2)).toEqual(draw('--shots', '2', '--seed', '4'));
    expect(draw('--shots', '3', '--references', 'all')).toHaveLength(4);
  });

  test('get takes what SPT_DATA already has, says the licence, and knows which sets it can get', () => {
    const root = mkdtempSync(join(folder, 'data-'));
    for (const name of ['trainset.csv', 'devset.csv', 'testset_w_refs.csv'])
      writeFileSync(join(root, name), 'mr,ref\na,b\na,c\n');
    const { status, stdout, stderr } = spt(['data', 'get', 'e2e', '--json'], { env: { SPT_DATA: root } });
    expect(stderr).toBe('e2e: licence CC BY-SA 4.0; https://github.com/tuetschek/e2e-dataset\n');
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      { name: 'e2e', downloadable: true, splits: { dev: { folder: root, examples: 1, references: 2 } } },
    ]);
    const unknown = spt(['data', 'get', 'mini-e2e']);
    expect([unknown.status, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/^error: data get: must be one of e2e, .*; found mini-e2e\n$/);
  });

  test('cards list every data set with its licence and counts, or what is missing', () => {
    const cards = JSON.parse(spt(['data', 'cards', '--json'], { env: { SPT_DATA: folder } }).stdout) as {
      readonly name: string;
      readonly licence: string;
      readonly splits: Readonly<Record<string, object>>;
    }[];
    const card = (name: string): (typeof cards)[number] | undefined => cards.find((one) => one.name === name);
    expect(card('mini-webnlg')).toMatchObject({
      licence: 'Apache-2.0',
      splits: { train: { examples: 400 }, dev: { examples: 100 }, test: { examples: 200 } },
    });
    expect(card('e2e')?.splits).toMatchObject({
      test: { examples: 3, references: 4 },
      dev: { missing: expect.stringMatching(/devset\.csv:2: /) as string },
    });
    expect(card('fewshotwoz')?.splits['dev']).toEqual({
      missing: 'fewshotwoz: has no dev split; none was published',
    });
  });
});

describe('score', () => {
  test('is the library’s score; an empty reference line is none', () => {
    const args = ['score', '--hyp', at('hyp.txt'), '--ref', at('ref0.txt'), '--ref', at('ref1.txt')];
    const result = spt([...args, '--metrics', 'bleu,bleu-lower', '--json']);
    const expected = bleu(
      ['the cat sat on the mat', '', 'a b c d e'],
      [
        ['the cat sat on a mat', 'the cat is on the mat'],
        ['x y', null],
        ['a b c d', null],
      ],
    );
    expect(JSON.parse(result.stdout)).toMatchObject({
      bleu: { score: expected.score, signature: expected.signature, n: 3 },
      'bleu-lower': { signature: 'nrefs:var|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0' },
    });
    expect(expected.score).toBeGreaterThan(20);
    expect(JSON.parse(spt(args).stdout)).toHaveProperty('bleu.score', expected.score);
  });

  test('E2E’s own file of references is read as its script reads it', () => {
    writeFileSync(at('groups.txt'), 'the cat sat on a mat\nthe cat is on the mat\n\nx y\n\n\na b c d\n');
    const hyp = ['score', '--hyp', at('hyp.txt'), '--json', '--draws', '20'];
    const scores = (...more: string[]): unknown => JSON.parse(spt([...hyp, ...more]).stdout);
    expect(scores('--protocol', 'e2e', '--ref', at('groups.txt'))).toEqual(
      scores('--protocol', 'e2e', '--ref', at('ref0.txt'), at('ref1.txt')),
    );
    const other = spt([...hyp, '--protocol', 'webnlg', '--ref', at('groups.txt')]);
    expect(other.stderr).toMatch(/^error: .*groups\.txt: must have one line a hypothesis; found 7 lines/);
  });

  test('a protocol gives its keys, a second system the comparison; an empty line is a reference of Perl’s', () => {
    const hyp = [
      'score',
      '--hyp',
      at('hyp.txt'),
      '--ref',
      at('ref0.txt'),
      at('ref1.txt'),
      '--json',
      '--draws',
      '20',
    ];
    const keys = (protocol: string): string[] =>
      Object.keys(JSON.parse(spt([...hyp, '--protocol', protocol]).stdout) as object);
    expect(keys('e2e')).toEqual(['bleu', 'nist', 'rouge-l', 'cider']);
    expect(keys('webnlg')).toEqual(['bleu', 'chrf++', 'ter']);
    expect(keys('dart')).toEqual(['bleu', 'ter', 'ter-all']);
    const compared = JSON.parse(
      spt([...hyp, '--metrics', 'multi-bleu', '--hyp2', at('ref0.txt'), '--mr', at('mr.txt')]).stdout,
    ) as Record<string, Record<string, unknown>>;
    expect(compared['multi-bleu']?.['line']).toMatch(/^BLEU = .*hyp_len=11, ref_len=10\)$/);
    expect(compared['multi-bleu']).toHaveProperty('second.score');
    expect(compared['multi-bleu']).toHaveProperty('paired.bootstrapP');
    expect(compared['slot-error-rate']).toMatchObject({ score: 1, n: 3 });
  });
});

describe('tokenize', () => {
  test('one line in, one line out; only a line feed ends a line', () => {
    const input = 'the a\n\nb\u2028c\rd\nlast';
    const lines = jsonLines(spt(['tokenize', '--tokenizer', at('model')], { input }).stdout) as {
      ids: number[];
      text: string;
    }[];
    expect(lines.map((line) => line.text)).toEqual(['the a', '', 'b c d', 'last']);
    expect(lines.map((line) => line.ids.at(-1))).toEqual([1, 1, 1, 1]);
    expect(lines[1]?.ids).toEqual([1]);
  });
});

describe('pipes', () => {
  test('a reader that stops is no error', () => {
    const many = Array.from({ length: 40_000 }, (_, i) => `m${i},reference ${i}`).join('\n');
    const root = mkdtempSync(join(tmpdir(), 'spt-pipe-'));
    writeFileSync(join(root, 'trainset.csv'), `mr,ref\n${many}\n`);
    const result = shell(`spt data e2e --split train --root ${root} | head -1; exit \${PIPESTATUS[0]}`);
    expect(jsonLines(result.stdout)).toHaveLength(1);
    expect([result.stderr, result.status]).toEqual(['', 0]);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is one', () => {
    const result = shell(`spt data e2e --split test --root ${folder} > /dev/full`);
    expect(result.stderr).toMatch(/^error: stdout: ENOSPC.*\n$/);
    expect(result.status).toBe(1);
  });
});

test('doctor prints one JSON document', () => {
  const result = spt(['doctor', '--json'], { env: { SPT_BACKEND: 'cpu' } });
  expect(JSON.parse(result.stdout)).toMatchObject({ backend: 'cpu', gradients: { agree: true } });
  expect(result.status).toBe(0);
});
