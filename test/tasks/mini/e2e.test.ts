import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';

const shipped = join(__dirname, '../../../data/mini/e2e');
const files = ['trainset.csv', 'devset.csv', 'testset_w_refs.csv'] as const;

type Row = { readonly mr: string; readonly ref: string };
const tables = new Map(
  files.map((file): [string, Row[]] => [file, parse(readFileSync(join(shipped, file)), { columns: true })]),
);
const rows = (file: string): Row[] => tables.get(file) ?? [];
const mrs = (file: string): string[] => [...new Set(rows(file).map(({ mr }) => mr))];
const subjectOf = (mr: string): string => /^name\[([^\]]+)\]/.exec(mr)?.[1] ?? '';

describe('mini-e2e', () => {
  it('holds 600, 100 and 200 MRs with three to five different references each, in under 1 MB', () => {
    expect(files.map((file) => mrs(file).length)).toEqual([600, 100, 200]);
    for (const file of files) {
      for (const mr of mrs(file)) {
        const references = rows(file)
          .filter((row) => row.mr === mr)
          .map(({ ref }) => ref);
        expect([3, 4, 5]).toContain(references.length);
        expect(new Set(references).size).toBe(references.length);
      }
    }
    expect(files.reduce((sum, file) => sum + statSync(join(shipped, file)).size, 0)).toBeLessThan(1_000_000);
  });

  it('shares no name, of subject or neighbour, between records and so between splits', () => {
    const names = files.flatMap((file) =>
      mrs(file).flatMap((mr) => [...mr.matchAll(/(?:name|near)\[([^\]]+)\]/g)].map((match) => match[1])),
    );
    expect(names.length).toBeGreaterThan(1200);
    expect(new Set(names).size).toBe(names.length);
  });

  it('says in every reference the name and every value but yes and no', () => {
    for (const { mr, ref } of files.flatMap(rows)) {
      expect(ref).toContain(subjectOf(mr));
      for (const [, value = ''] of mr.matchAll(/\[([^\]]+)\]/g)) {
        if (value !== 'yes' && value !== 'no') expect(ref).toContain(value);
      }
      if (mr.includes('familyFriendly[no]')) expect(ref).toMatch(/\bnot (?:family|kid|good)/);
      if (mr.includes('familyFriendly[yes]'))
        expect(ref).toMatch(/(?<!not )(?:family friendly|kid friendly|good for families)/);
      expect(ref).toMatch(/^\S.*\S\.$/);
      expect(ref).not.toMatch(/ {2}|undefined|\.\./);
    }
  });

  it('quotes and ends lines as the published files do', () => {
    const text = (file: string): string => readFileSync(join(shipped, file), 'utf8');
    expect(text('trainset.csv')).toMatch(/^mr,ref\r\n"name\[/);
    expect(text('devset.csv')).toMatch(/^mr,ref\r\n"name\[/);
    expect(text('testset_w_refs.csv')).toMatch(/^"mr","ref"\n"name\[/);
    expect(text('trainset.csv').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text('testset_w_refs.csv')).not.toContain('\r');
    for (const line of text('trainset.csv').trimEnd().split('\r\n').slice(1)) {
      const reference = /^"[^"]*",(.*)$/.exec(line)?.[1] ?? '';
      expect(reference.startsWith('"')).toBe(reference.includes(','));
    }
    const adjacent = rows('devset.csv').filter(({ mr }, i, all) => mr !== all[i - 1]?.mr).length;
    expect(adjacent).toBe(100);
    const shuffled = rows('trainset.csv').filter(({ mr }, i, all) => mr !== all[i - 1]?.mr).length;
    expect(shuffled).toBeGreaterThan(1500);
  });
});
