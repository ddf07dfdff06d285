import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fewShotConfig } from '../../src/experiments/fewShotConfig';
import { drawFewShot, fewShotContext } from '../../src/experiments/trainFewShot';

const root = mkdtempSync(join(tmpdir(), 'spt-draw-'));
writeFileSync(
  join(root, 'dev.csv'),
  `source,target\n${Array.from({ length: 30 }, (_, i) => `s${i},t${i}\n`).join('')}`,
);
const config = (more: object): ReturnType<typeof fewShotConfig> =>
  fewShotConfig({
    model: 'm',
    task: 'columns',
    root,
    method: 'prompt-tuning',
    shots: 12,
    seed: [1, 2],
    ...more,
  });

describe('drawFewShot', () => {
  test('shots and selection from one split never overlap, and the selection is the same for every seed', () => {
    const { train, dev } = drawFewShot(config({ trainSplit: 'dev', devSize: 10 }));
    expect(dev).toHaveLength(10);
    const [one, two] = [1, 2].map((seed) => (train.get(seed) ?? []).map(({ id }) => id));
    expect([one?.length, two?.length]).toEqual([12, 12]);
    expect(one).not.toEqual(two);
    const held = new Set(dev.map(({ id }) => id));
    expect([...(one ?? []), ...(two ?? [])].filter((id) => held.has(id))).toEqual([]);
    const wider = drawFewShot(config({ trainSplit: 'dev', devSize: 11 }));
    expect(wider.dev.slice(0, 10)).toEqual(dev);
    expect(() => drawFewShot(config({ trainSplit: 'dev', devSize: 19 }))).toThrow(
      'shots: 12 asked for, but the split has 11 examples',
    );
    expect(() => drawFewShot(config({}))).toThrow('columns: no train split');
  });

  test('a run says which splits it used where they are not the usual ones', () => {
    expect(fewShotContext(config({}))).not.toHaveProperty('trainSplit');
    expect(fewShotContext(config({ trainSplit: 'dev' }))).toMatchObject({ trainSplit: 'dev' });
  });
});
