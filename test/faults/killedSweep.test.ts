import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { readRows } from '../../src/experiments/resultRow';
import { useBackend } from '../../src/tensor/backend';
import { writeTinyModel } from '../cli/tinyModel';
import { temporaryFolder } from '../support/temporaryFolder';
import { writeTinyData } from '../support/tinyExperiment';
import { type Ended, runChild } from './runChild';

async function place(): Promise<string> {
  const folder = temporaryFolder();
  await writeTinyModel(join(folder, 'model'));
  writeTinyData(join(folder, 'data'));
  return folder;
}

const measure = (folder: string, killAt?: string): Promise<Ended> =>
  runChild('sweepChild.ts', [folder], killAt === undefined ? undefined : (line) => line === killAt);
/** What must not depend on how often the process was killed. */
const results = (folder: string): unknown[] =>
  readRows(join(folder, 'model', 'tiny.jsonl')).map(({ row, n, config, scores }) => ({
    row,
    n,
    config,
    scores,
  }));

beforeAll(() => useBackend('tensorflow'));

it(
  'kill -9 while rows are measured: each row is there once, with the numbers of an uninterrupted run',
  { timeout: 600_000 },
  async () => {
    const [whole, broken] = [await place(), await place()];
    expect((await measure(whole)).code).toBe(0);

    const printed: string[] = [];
    // Within a row's training, at the moment a row is kept, and within the runs of a method that trains one by one.
    for (const line of ['step 3', 'row prompts after 4', 'checkpoint 2']) {
      const { code, lines } = await measure(broken, line);
      expect(code, line).toBeNull();
      printed.push(...lines);
    }
    const last = await measure(broken);
    expect(last.code).toBe(0);
    printed.push(...last.lines);

    const rows = printed.filter((line) => line.startsWith('row '));
    expect(new Set(rows).size).toBe(rows.length);
    expect(results(broken)).toHaveLength(5);
    expect(results(broken)).toEqual(results(whole));
    expect(readFileSync(join(broken, 'model', 'README.md'), 'utf8')).toBe(
      readFileSync(join(whole, 'model', 'README.md'), 'utf8'),
    );
  },
);
