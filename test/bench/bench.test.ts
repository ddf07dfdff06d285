import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../src/bench/bench';
import { benchMatrix, rowName } from '../../src/bench/matrix';
import { writeTinyModel } from '../cli/tinyModel';
import { build, spt, type Result } from '../cli/spt';
import { temporaryFolder } from '../support/temporaryFolder';

const peers = process.env['SPT_PEERS'];
const worker = join(__dirname, '..', '..', 'dist', 'bench', 'worker.js');
let model: string;

beforeAll(async () => {
  build();
  model = mkdtempSync(join(tmpdir(), 'spt-bench-'));
  await writeTinyModel(model);
});
afterAll(() => rmSync(model, { recursive: true, force: true }));

/** A program that stands in for the peers' Python: it knows its version, and its `body` answers requests. */
function standIn(body: string): string {
  const file = join(temporaryFolder(), 'python');
  writeFileSync(file, `#!/bin/sh\nif [ "$1" = --version ]; then exit 0; fi\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

function bench(python: string, args: readonly string[]): Result {
  return spt(['bench', '--model', model, '--threads', '1', ...args], { env: { SPT_PEERS: python } });
}

/** The rows of the printed document, of which every number must make sense. */
function rows({ status, stdout, stderr }: Result): readonly BenchResult[] {
  expect(status, stderr).toBe(0);
  const found = JSON.parse(stdout) as readonly BenchResult[];
  for (const row of found) {
    expect(Object.keys(row)).toEqual(['name', 'ours', 'peer', 'ratio', 'unit', 'goal']);
    const ratio = row.unit === 'tokens/s' ? row.peer / row.ours : row.ours / row.peer;
    expect(row.ratio / ratio, row.name).toBeCloseTo(1, 2);
    expect(row.ratio, row.name).toBeGreaterThan(0);
  }
  return found;
}

describe('spt bench', () => {
  it('measures what the goals are set for on every shape, and more with --full', () => {
    const names = (full: boolean): string[] =>
      benchMatrix(full).flatMap(({ name, rows }) => rows.map(({ measure }) => rowName(name, measure)));
    expect(names(false)).toEqual(
      expect.arrayContaining([
        ...['prompt-tuning', 'scaled-prompt-tuning'].flatMap((method) => [
          ...['mini', 't5-small', 't5-base'].map((shape) => `train ${method} ${shape} batch 8`),
          ...['mini', 't5-small'].map((shape) => `train ${method} ${shape} batch 32`),
        ]),
        'train lora mini batch 8',
        'train fine-tuning mini batch 8',
        'train prompt-tuning mini batch 8 population 8',
        ...['mini', 't5-small'].flatMap((shape) => [`generate ${shape} greedy`, `generate ${shape} 4 beams`]),
        'memory prompt-tuning mini batch 8',
        'score e2e 5000 x 3 (peer: TER of 500)',
      ]),
    );
    expect(names(true)).toEqual(expect.arrayContaining(names(false)));
    expect(new Set(names(true)).size).toBe(names(true).length);
    expect(names(true)).toContain('train prompt-tuning mini batch 8 population 32');
  });

  it('measures every row of a model against a peer that does the same', () => {
    const same = standIn(`exec "${process.execPath}" "${worker}"`);
    const [mini] = benchMatrix(false);
    const found = rows(bench(same, ['--json', '--pairs', '1']));
    expect(found.map(({ name }) => name)).toEqual(mini?.rows.map(({ measure }) => rowName(model, measure)));
    const [step, memory, scoring] = [found[0], found.at(-2), found.at(-1)];
    expect([step?.unit, step?.goal, memory?.unit, memory?.goal]).toEqual(['ms/step', 1, 'MB', 1]);
    expect([scoring?.unit, scoring?.goal]).toEqual(['s', 1]);
    // The same program on both sides.
    expect(memory?.ratio).toBeGreaterThan(0.7);
    expect(memory?.ratio).toBeLessThan(1.4);
  });

  it('prints a table where no program reads it', () => {
    const same = standIn(`exec "${process.execPath}" "${worker}"`);
    const { status, stdout } = bench(same, ['--only', 'greedy', '--pairs', '1', '--clock', 'cpu']);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^name +ours +peer +ratio +unit goal$/),
      expect.stringMatching(/^generate .* greedy +[\d.]+ +[\d.]+ +[\d.]+ +tokens\/s <= 1\.0: (met|missed)$/),
      '',
    ]);
  });

  it.each([
    [
      'says that nothing matches',
      '',
      ['--only', 'nothing'],
      /^error: bench: no row matches \/nothing\/; rows/,
    ],
    [
      'says why the peer ended',
      'echo no torch >&2; exit 1',
      [],
      /error: bench: the peer .* ended: no torch\n/,
    ],
    [
      'passes on what the peer complains about',
      'while read line; do echo \'{"error": "out of memory"}\'; done',
      [],
      /error: bench: the peer .*: out of memory\n/,
    ],
    [
      'refuses a peer that computes something else',
      'while read line; do echo \'{"times": [1], "check": 0.5}\'; done',
      [],
      /error: bench: train prompt-tuning .*: both sides must compute the same; ours \d.*, the peer's 0.5\n/,
    ],
  ])('%s', (_, body, args, message) => {
    const { status, stdout, stderr } = bench(standIn(body), ['--json', '--pairs', '1', ...args]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('says how to get the peers', () => {
    const { status, stderr } = bench('/nowhere/python', ['--pairs', '1']);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: bench: SPT_PEERS names \/nowhere\/python, which does not run .*; set SPT_PEERS/,
    );
  });
});

describe.skipIf(peers === undefined)('PyTorch, transformers, peft and sacrebleu (SPT_PEERS is set)', () => {
  it('compute the same and are measured', { timeout: 600_000 }, () => {
    const found = rows(
      bench(peers as string, ['--json', '--pairs', '1', '--only', 'batch 8|greedy|beams|score']),
    );
    expect(found.length).toBe(9);
    expect(found.find(({ unit }) => unit === 'MB')?.peer).toBeGreaterThan(100);
  });
});
