import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../src/model/tokenizer';
import { readTask } from '../../../src/tasks';
import { miniSeed, miniSets } from '../../../src/tasks/mini';
import { sideOf } from '../../../src/tasks/mini/names';
import { type Example, splits } from '../../../src/tasks/task';

const shipped = join(__dirname, '../../../data/mini');

/** Each set by its folder: its name, its sizes, and where its items say what they are about. */
const sets = {
  webnlg: { name: 'mini-webnlg', sizes: [400, 100, 200], subjects: (s: string) => subjects(s) },
  dart: { name: 'mini-dart', sizes: [400, 100, 200], subjects: (s: string) => subjects(s) },
  summarization: {
    name: 'mini-summarization',
    sizes: [300, 100, 200],
    subjects: (s: string) => names(s.replace(/#Person\d#:/g, '.')),
  },
  dialogue: {
    name: 'mini-dialogue',
    sizes: [300, 100, 200],
    subjects: (s: string) => [/name = ([^;]+?)(?: ;|$)/.exec(s)?.[1] ?? ''],
  },
  questions: {
    name: 'mini-questions',
    sizes: [300, 100, 200],
    subjects: (s: string) => [
      /^the (?:\w+ \w+ of|lost opera) (.+?) (?:was|sank|lies|closed|mocked|loaded|followed|rested|lost) /.exec(
        s,
      )?.[1] ?? '',
    ],
  },
} as const;

/** The subjects of linearised triples, table nodes apart. */
function subjects(source: string): string[] {
  const all = source.split(' && ').map((triple) => triple.split(' | ')[0] ?? '');
  return [...new Set(all)].filter((subject) => subject !== 'table context');
}

const weekdays = /^(?:Monday|Tuesday|Thursday|Friday|Saturday|Sunday)$/;

/** The capitalised words inside a dialogue's turns that start no sentence and are no day. */
function names(dialogue: string): string[] {
  return [...dialogue.matchAll(/(?<![.?!] )(?<!^)\b[A-Z][a-z]+/g)]
    .map(([word]) => word)
    .filter(
      (word) => !weekdays.test(word) && word !== 'The' && !['Barn', 'Loft', 'Corner', 'I'].includes(word),
    );
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => file.replaceAll('\\', '/'))
    .sort();

describe.each(Object.entries(miniSets))('the files of %s', (folder, write) => {
  const files = write(miniSeed);

  it('are what the generator writes from its seed, and no more', () => {
    expect(filesBelow(join(shipped, folder))).toEqual([...files.keys()].sort());
    for (const [file, text] of files)
      expect(readFileSync(join(shipped, folder, file), 'utf8') === text, file).toBe(true);
  });

  it('differ with another seed', () => {
    const other = write(miniSeed + 1);
    const same = [...files].filter(([file, text]) => other.get(file) === text);
    expect(same).toEqual([]);
  });
});

describe.each(Object.values(sets))('$name', ({ name, sizes, subjects: subjectsOf }) => {
  const bySplit = splits.map((split): readonly Example[] => readTask(name, split));

  it('has its sizes, and texts that are whole and differ within an item', () => {
    expect(bySplit.map((examples) => examples.length)).toEqual(sizes);
    for (const { source, references } of bySplit.flat()) {
      expect(new Set(references).size).toBe(references.length);
      for (const text of [source, ...references]) {
        expect(text).toMatch(/^\S(?:.*\S)?$/);
        expect(text).not.toMatch(/ {2}|undefined|\*|[{}]|\.\./);
      }
      for (const text of references) expect(text).toMatch(/[.?]$/);
    }
    for (const { references } of bySplit.flat().filter(() => name !== 'mini-summarization'))
      expect(references.length).toBeLessThanOrEqual(4);
    expect(Math.min(...(bySplit[2] ?? []).map(({ references }) => references.length))).toBeGreaterThan(1);
  });

  it('shares no subject between splits, nor between items', () => {
    const named = bySplit.map((examples) => examples.flatMap(({ source }) => subjectsOf(source)));
    const all = named.flat();
    expect(all.length).toBeGreaterThanOrEqual(bySplit.flat().length);
    expect(all).not.toContain('');
    // A talk's one name may be two words, each of which may be in another's; elsewhere a name is unique as a whole.
    if (name !== 'mini-summarization') expect(new Set(all).size).toBe(all.length);
    for (const subject of all)
      expect(
        subject.split(' ').some((word) => sideOf(word) === 'downstream'),
        subject,
      ).toBe(true);
  });

  it('says what its sources say: every name of a text stands in its source', () => {
    for (const { source, references } of bySplit.flat()) {
      const known = new Set(source.toLowerCase().match(/\p{L}+/gu));
      for (const text of references)
        for (const [word] of text.matchAll(/(?<![.?!] )(?<!^)\b[A-Z][a-z]+/g))
          expect(known.has(word.toLowerCase()), `${word} of ${text}`).toBe(true);
    }
  });

  it('is short: most sources within 120 tokens, most targets within 60', async () => {
    const tokenizer = await loadTokenizer(join(shipped, 'model/tokenizer.json'));
    const within = (texts: readonly string[], most: number): number =>
      texts.filter((text) => tokenizer.encode(text).length <= most).length / texts.length;
    const test = bySplit[2] ?? [];
    expect(
      within(
        test.map(({ source }) => source),
        120,
      ),
    ).toBeGreaterThan(0.75);
    expect(
      within(
        test.flatMap(({ references }) => references),
        60,
      ),
    ).toBeGreaterThan(0.85);
  });
});

it('the six sets take less than 3 MB', () => {
  const sizes = Object.keys(miniSets).flatMap((folder) =>
    filesBelow(join(shipped, folder)).map((file) => statSync(join(shipped, folder, file)).size),
  );
  expect(sizes.reduce((a, b) => a + b)).toBeLessThan(3_000_000);
});
