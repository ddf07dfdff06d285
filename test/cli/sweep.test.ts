import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useBackend } from '../../src/tensor/backend';
import { temporaryFolder } from '../support/temporaryFolder';
import { build, spt } from './spt';
import { writeTinyModel } from './tinyModel';

beforeAll(async () => {
  build();
  await useBackend('tensorflow');
});

describe('pretrain gates', () => {
  test('measures what is asked for, says which gates fail, and exits with 0', async () => {
    const folder = temporaryFolder();
    const model = join(folder, 'model');
    await writeTinyModel(model);
    const args = [
      'pretrain',
      'gates',
      '--model',
      model,
      '--out',
      join(folder, 'runs'),
      '--only',
      'unseen names',
    ];
    const first = spt(args);
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/^1\/1 copy unseen names: 0\.0 \[0\.0, 1\.9\] % in \d+ s\n$/);
    expect(first.stdout).toContain(
      '| copying of unseen names, exact: at least 95 % | 0.0 [0.0, 1.9] % |  | fail |',
    );
    expect(readFileSync(join(model, 'README.md'), 'utf8')).toContain(first.stdout.trim());

    const again = spt([...args, '--json']);
    expect([again.stderr, again.status]).toEqual(['', 0]);
    const report = JSON.parse(again.stdout) as { rows: { row: string }[]; missing: string[] };
    expect(report.rows.map(({ row }) => row)).toEqual(['copy unseen names']);
    expect(report.missing).toHaveLength(45);

    const other = join(folder, 'other');
    cpSync(model, other, { recursive: true });
    await writeTinyModel(other, { dModel: 20 });
    const foreign = spt([...args, '--model', other]);
    expect([foreign.stdout, foreign.status]).toEqual(['', 1]);
    expect(foreign.stderr).toMatch(/^error: .*gates\.jsonl: must hold rows of the model beside it.*\n$/);
  });

  test.each([
    [['pretrain', 'gates', '--only', '('], 2, /--only.*It must be a regular expression/],
    [['pretrain', 'gates', 'more'], 2, /too many arguments for 'gates'/],
    [['sweep'], 2, /missing required argument 'EXPERIMENT'/],
    [
      ['sweep', 'nothing'],
      1,
      /experiment: must be one of gates, prompt-search, prompt-vs-scaled, method-rates, methods; found 'nothing'/,
    ],
  ])('%j is refused', (args, status, message) => {
    const result = spt(args);
    expect([result.stdout, result.status]).toEqual(['', status]);
    expect(result.stderr).toMatch(message);
  });
});

test('pretrain data writes the six sets of a seed', () => {
  const folder = temporaryFolder();
  const written = spt(['pretrain', 'data', '--out', folder, '--seed', '12', '--json']);
  expect([written.stderr, written.status]).toEqual(['', 0]);
  const { sets } = JSON.parse(written.stdout) as { sets: string[] };
  expect(sets).toHaveLength(6);
  for (const set of sets) expect(existsSync(join(folder, set))).toBe(true);
  const mrs = (root?: string): string =>
    spt(['data', 'mini-e2e', '--split', 'dev', ...(root === undefined ? [] : ['--root', root])]).stdout;
  expect(mrs(folder)).not.toBe(mrs());
  expect(mrs(folder).trim().split('\n')).toHaveLength(mrs().trim().split('\n').length);
});
