import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fewShotConfig } from '../../src/experiments/fewShotConfig';
import { fewShotConfigs } from '../../src/experiments/fewShotRuns';
import { drawFewShots, fewShotFolders } from '../../src/experiments/trainFewShot';

const base = { model: 'mini', task: 'mini-e2e', method: 'scaled-prompt-tuning', shots: 10, seed: [1, 2] };
const folders = (input: Readonly<Record<string, unknown>>): readonly string[] =>
  fewShotFolders(fewShotConfigs(input), 'out').map(({ folder }) => folder);

describe('fewShotConfigs', () => {
  test('a list of runs, each with every seed, changes what it says', () => {
    const runs = [
      { length: 20, learningRate: 0.1 },
      { name: 'one-scale', scaling: 'scalar', seed: 5 },
      { init: { kind: 'uniform', range: 0.25 } },
    ];
    const found = fewShotConfigs({ ...base, runs });
    expect(found).toEqual([
      {
        name: 'length-20_learningRate-0.1',
        config: fewShotConfig({ ...base, length: 20, learningRate: 0.1 }),
      },
      { name: 'one-scale', config: fewShotConfig({ ...base, scaling: 'scalar', seed: 5 }) },
      {
        name: 'init-uniform-0.25',
        config: fewShotConfig({ ...base, init: { kind: 'uniform', range: 0.25 } }),
      },
    ]);
    expect(folders({ ...base, runs })).toEqual([
      'out/length-20_learningRate-0.1_seed-1',
      'out/length-20_learningRate-0.1_seed-2',
      'out/one-scale_seed-5',
      'out/init-uniform-0.25_seed-1',
      'out/init-uniform-0.25_seed-2',
    ]);
  });

  test('lists of values stand for every combination', () => {
    const found = fewShotConfigs({
      ...base,
      shots: undefined,
      seed: 3,
      runs: { shots: [10, 100], scaling: ['none', 'scalar'] },
    });
    expect(found.map(({ name, config }) => [name, config.shots, config.method['scaling']])).toEqual([
      ['shots-10_scaling-none', 10, 'none'],
      ['shots-10_scaling-scalar', 10, 'scalar'],
      ['shots-100_scaling-none', 100, 'none'],
      ['shots-100_scaling-scalar', 100, 'scalar'],
    ]);
  });

  test('without runs there is one experiment, in the folders that it always had', () => {
    expect(fewShotConfigs(base)).toEqual([{ config: fewShotConfig(base) }]);
    expect(folders(base)).toEqual(['out/seed-1', 'out/seed-2']);
    expect(folders({ ...base, seed: 1 })).toEqual(['out']);
    expect(folders({ ...base, runs: [{ seed: 4 }, { seed: 5 }] })).toEqual(['out/seed-4', 'out/seed-5']);
  });

  test.each([
    [[{ method: 'prompt-tuning' }], 'config: runs: must share method: it stands beside runs'],
    [{ task: ['e2e'] }, 'config: runs: must share task'],
    [[{ lenght: 3 }], "config: unknown key 'lenght'"],
    [{ length: [] }, 'config: runs: must be a list of runs, or lists of values by key; found {"length":[]}'],
    [[], 'config: runs: must be a list of runs, or lists of values by key; found []'],
    [{ length: 3 }, 'config: runs: must be a list of runs, or lists of values by key; found {"length":3}'],
    [{}, 'config: runs: must be a list of runs, or lists of values by key; found {}'],
  ])('refuses %j', (runs, message) => {
    expect(() => fewShotConfigs({ ...base, runs })).toThrow(message);
  });
});

test('fewer shots are the first of more, and what differs in training alone shares a draw', () => {
  const root = mkdtempSync(join(tmpdir(), 'spt-runs-'));
  for (const split of ['train', 'dev'])
    writeFileSync(
      join(root, `${split}.csv`),
      `source,target\n${Array.from({ length: 30 }, (_, i) => `${split} ${i},t${i}\n`).join('')}`,
    );
  const configs = fewShotConfigs({
    ...base,
    task: 'columns',
    root,
    runs: [{ shots: 5 }, { shots: 20 }, { shots: 20, length: 3 }],
  });
  const [few, more, longer] = drawFewShots(configs.map(({ config }) => config));
  expect(longer).toBe(more);
  const ids = (draw: typeof few, seed: number): string[] => (draw?.train.get(seed) ?? []).map(({ id }) => id);
  for (const seed of [1, 2]) expect(ids(few, seed)).toEqual(ids(more, seed).slice(0, 5));
  expect(few?.dev).toEqual(more?.dev);
});
