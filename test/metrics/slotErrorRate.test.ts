import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { corpusScore } from '../../src/metrics/corpusScore';
import { slotErrorRate } from '../../src/metrics/slotErrorRate';
import { readTask } from '../../src/tasks';

const rate = (mrs: readonly string[], texts: readonly string[]): number =>
  corpusScore(
    slotErrorRate(mrs),
    texts,
    texts.map(() => ['x']),
    { draws: 1 },
  ).score;
const mr =
  'name[The Mill], eatType[pub], food[English], priceRange[less than £20], area[riverside], familyFriendly[no]';

test('what is said costs nothing; what is missing, wrong or not asked for costs one slot each', () => {
  const text =
    'The Mill is a pub by the river with British food for less than £20. It is not family-friendly.';
  expect(rate([mr], [text])).toBe(0);
  expect(rate([mr], [text.replace('British', 'French')])).toBeCloseTo(1 / 6, 12);
  expect(rate([mr], [text.replace('not ', '')])).toBeCloseTo(1 / 6, 12);
  expect(rate([mr], ['The Mill is a pub.'])).toBeCloseTo(4 / 6, 12);
  expect(rate(['name[The Mill], eatType[pub]'], ['The Mill is a cheap Indian pub.'])).toBeCloseTo(2 / 2, 12);
  expect(rate(['name[Café Rouge], area[riverside]'], ['Café Rouge is at the riverside.'])).toBe(0);
});

const published = join(__dirname, '..', '..', '..', 'shared', 'data');
test.skipIf(!existsSync(published))(
  "people's references of E2E's test set err little (../shared/data is there)",
  () => {
    const items = readTask('e2e', 'test', published).flatMap(({ source, references }) =>
      references.map((text) => [source, text] as const),
    );
    const error = rate(
      items.map(([source]) => source),
      items.map(([, text]) => text),
    );
    // People left out or changed about a tenth of the slots; patterns that missed much would show far more.
    expect(error).toBeLessThan(0.2);
    const others = items.map((_, i) => items[(i + 500) % items.length]?.[1] ?? '');
    expect(
      rate(
        items.map(([source]) => source),
        others,
      ),
    ).toBeGreaterThan(0.5);
  },
);
