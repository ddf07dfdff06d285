import { describe, expect, test } from 'vitest';
import { ConfigError, DataError } from '../../src/errors';
import { devSubset, fewShot } from '../../src/tasks/fewShot';
import type { Example } from '../../src/tasks/task';

const examples: readonly Example[] = Array.from({ length: 40 }, (_, i) => {
  const references = Array.from({ length: 1 + (i % 5) }, (__, r) => `text ${i}.${r}`);
  const target = references[0] as string;
  return { id: `x-${i}`, source: `mr ${i}`, target, references, meta: { rows: references.length } };
});

describe('fewShot', () => {
  test('draws this on every platform', () => {
    expect(fewShot(examples, { shots: 6, seed: 0 }).map((e) => e.target)).toMatchInlineSnapshot(`
      [
        "text 20.0",
        "text 19.4",
        "text 33.3",
        "text 26.1",
        "text 27.0",
        "text 16.1",
      ]
    `);
  });

  test('draws examples, not rows: none twice, each with one of its own references', () => {
    const drawn = fewShot(examples, { shots: 40, seed: 3 });
    expect(new Set(drawn.map((e) => e.id)).size).toBe(40);
    for (const e of drawn) expect(e.references).toContain(e.target);
    expect(drawn.some((e) => e.target !== e.references[0])).toBe(true);
  });

  test('fewer shots are the start of more', () => {
    const many = fewShot(examples, { shots: 30, seed: 7 });
    for (const shots of [1, 5, 29])
      expect(fewShot(examples, { shots, seed: 7 })).toEqual(many.slice(0, shots));
  });

  test('each example and each reference comes equally often', () => {
    const seeds = 4000;
    const drawn = new Map<string, number>();
    const chosen = new Map<string, number>();
    for (let seed = 0; seed < seeds; seed++)
      for (const e of fewShot(examples, { shots: 4, seed })) {
        drawn.set(e.id, (drawn.get(e.id) ?? 0) + 1);
        chosen.set(e.target, (chosen.get(e.target) ?? 0) + 1);
      }
    // 4 of 40 in 4,000 draws: 400 expected, standard deviation 19; a fifth of the last: 80, standard deviation 9.
    for (const e of examples) expect(Math.abs((drawn.get(e.id) ?? 0) - 400)).toBeLessThan(80);
    for (const target of examples[39]?.references ?? [])
      expect(Math.abs((chosen.get(target) ?? 0) - 80)).toBeLessThan(38);
  });

  test("'all' makes a pair of each reference of the same examples", () => {
    const one = fewShot(examples, { shots: 8, seed: 1 });
    const all = fewShot(examples, { shots: 8, seed: 1, references: 'all' });
    expect(all.map((e) => e.target)).toEqual(one.flatMap((e) => e.references));
    expect(new Set(all.map((e) => e.id)).size).toBe(all.length);
    expect([...new Set(all.map((e) => e.source))]).toEqual(one.map((e) => e.source));
  });

  test('more shots than examples, and no count at all', () => {
    expect(() => fewShot(examples, { shots: 41, seed: 0 })).toThrow(
      new DataError('shots: 41 asked for, but the split has 40 examples'),
    );
    expect(() => fewShot(examples, { shots: 0, seed: 0 })).toThrow(ConfigError);
    expect(() => fewShot(examples, { shots: 1.5, seed: 0 })).toThrow('found 1.5');
  });
});

describe('strata', () => {
  const of = (i: number): string => (i % 10 < 6 ? 'common' : i % 10 < 9 ? 'some' : 'rare');
  const stratified = examples.map((e, i) => ({ ...e, meta: { ...e.meta, category: of(i) } }));
  const counts = (drawn: readonly Example[]): number[] =>
    ['common', 'some', 'rare'].map((name) => drawn.filter((e) => e.meta['category'] === name).length);

  test('every draw holds each category within two of its share, and smaller ones start larger ones', () => {
    for (let seed = 0; seed < 20; seed++) {
      const all = fewShot(stratified, { shots: 40, seed });
      expect(counts(all)).toEqual([24, 12, 4]);
      for (let shots = 1; shots < 40; shots++) {
        const drawn = fewShot(stratified, { shots, seed });
        expect(drawn).toEqual(all.slice(0, shots));
        const off = counts(drawn).map((n, i) => Math.abs(n - shots * ([0.6, 0.3, 0.1][i] as number)));
        expect(Math.max(...off)).toBeLessThan(2);
      }
    }
  });

  test('domains are strata too, and one category alone changes nothing', () => {
    const domains = examples.map((e, i) => ({ ...e, meta: { domain: i < 20 ? 'taxi' : 'train' } }));
    expect(fewShot(domains, { shots: 10, seed: 4 }).filter((e) => e.meta['domain'] === 'taxi')).toHaveLength(
      5,
    );
    const same = examples.map((e) => ({ ...e, meta: { category: 'one' } }));
    const ids = (drawn: readonly Example[]): string[] => drawn.map((e) => e.id);
    expect(ids(fewShot(same, { shots: 9, seed: 5 }))).toEqual(ids(fewShot(examples, { shots: 9, seed: 5 })));
  });

  test('each example of a stratum comes equally often', () => {
    const drawn = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++)
      for (const e of fewShot(stratified, { shots: 10, seed })) drawn.set(e.id, (drawn.get(e.id) ?? 0) + 1);
    // A quarter of all in 2,000 draws: 500 expected, standard deviation 19.
    for (const e of examples) expect(Math.abs((drawn.get(e.id) ?? 0) - 500)).toBeLessThan(85);
  });
});

describe('devSubset', () => {
  test('is seeded, nested, and another draw than the shots', () => {
    const dev = devSubset(examples, { size: 12, seed: 0 });
    expect(devSubset(examples, { size: 5, seed: 0 })).toEqual(dev.slice(0, 5));
    expect(devSubset(examples, { size: 12, seed: 1 })).not.toEqual(dev);
    expect(dev.map((e) => e.id)).not.toEqual(fewShot(examples, { shots: 12, seed: 0 }).map((e) => e.id));
    expect(() => devSubset(examples, { size: 41, seed: 0 })).toThrow('dev-size: 41 asked for');
  });
});
