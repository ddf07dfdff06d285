import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { relativeBucket } from '../../src/model/positionBias';
import { describeParity } from './describeParity';

const fixtures = path.join(__dirname, '..', 'fixtures', 'parity');
const cases = readdirSync(fixtures).filter((name) => statSync(path.join(fixtures, name)).isDirectory());

/** Loss curves of all cases would take a minute and more; the live test has them. */
const withTraining = ['v1.0', 'v1.1', 'odd-f16'];

for (const name of cases) describeParity(name, () => path.join(fixtures, name), withTraining.includes(name));

describe('the committed checkpoints', () => {
  it('are at least six', () => {
    expect(cases.length).toBeGreaterThanOrEqual(6);
  });
});

describe('relativeBucket', () => {
  type Buckets = {
    readonly numBuckets: number;
    readonly maxDistance: number;
    readonly twoSided: boolean;
    readonly first: number;
    readonly buckets: readonly number[];
  };
  const tables = JSON.parse(readFileSync(path.join(fixtures, 'positionBuckets.json'), 'utf8')) as Buckets[];

  it.each(tables)(
    "equals transformers' for $numBuckets buckets up to $maxDistance, two-sided $twoSided",
    ({ numBuckets, maxDistance, twoSided, first, buckets }) => {
      const found = buckets.map((_, i) => relativeBucket(first + i, twoSided, numBuckets, maxDistance));
      expect(found).toEqual(buckets);
    },
  );
});
