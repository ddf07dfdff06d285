import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { readBenchmark, type BenchmarkEntry } from './benchmarkXml';
import { readJson } from './jsonFile';
import { lineariseTriples, type Triple } from './linearise';
import type { Example, Split, Task } from './task';

/** What the types of the instance file say of a test entry. */
const labels = { type1: 'seen', type2: 'unseen entities', type3: 'unseen categories' } as const;
const instanceTypes = z.record(z.string(), z.enum(['type1', 'type2', 'type3']));

/** A release: the path of each split, the first that is there, and which entries of its test split were seen. */
export type WebnlgRelease = {
  readonly folder: string;
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** The file with the type of each test entry. */
  readonly instanceTypes?: string;
  /** The categories that only test has, where no file says which entries were seen. */
  readonly unseenCategories?: readonly string[];
};

const english = 'release_v3.0/en';
const testStem = `${english}/test/rdf-to-text-generation-test`;

/** Release 3.0 in English: WebNLG 2020. */
export const webnlg2020: WebnlgRelease = {
  folder: 'webnlg',
  files: {
    train: [`${english}/train`],
    dev: [`${english}/dev`],
    test: [`${testStem}-data-with-refs-en.xml`],
  },
  instanceTypes: `${testStem}-instance-types.json`,
};

/** Release 2.1, and 2.0 in its place. */
export const webnlg2: WebnlgRelease = {
  folder: 'webnlg',
  files: {
    train: ['release_v2.1/xml/train', 'release_v2/xml/train'],
    dev: ['release_v2.1/xml/dev', 'release_v2/xml/dev'],
    test: ['release_v2.1/xml/test', 'release_v2/xml/test'],
  },
};

/** The challenge of 2017. */
export const webnlg2017: WebnlgRelease = {
  folder: 'webnlg',
  files: {
    train: ['webnlg_challenge_2017/train'],
    dev: ['webnlg_challenge_2017/dev'],
    test: ['webnlg_challenge_2017/test', 'webnlg_challenge_2017/testdata_with_lex.xml'],
  },
  unseenCategories: ['Artist', 'Athlete', 'CelestialBody', 'MeanOfTransportation', 'Politician'],
};

/** All XML files below a path that may be one itself, in the order of their names. */
function xmlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.xml'))
    .sort()
    .map((name) => join(path, name));
}

/** The label of each test entry by its id, or none where the release has no such file. */
function readLabels(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map();
  const parsed = instanceTypes.safeParse(readJson(file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
    throw new DataError(`${file}: ${path.join('.')}: a label must be type1, type2 or type3; ${message}`);
  }
  return new Map(Object.entries(parsed.data).map(([id, type]) => [id, labels[type]]));
}

/**
 * An entry as an example: all its texts are references, and the first that nobody marked as bad or to be fixed is the
 * target.
 */
function example(
  entry: BenchmarkEntry,
  id: string,
  source: string,
  meta: Example['meta'],
  where: string,
): Example {
  const marked = entry.lexes.filter(({ attributes: { comment = '' } }) => !['', 'good'].includes(comment));
  const target = entry.lexes.find((lex) => !marked.includes(lex)) ?? entry.lexes[0];
  if (target === undefined) throw new DataError(`${where}: entry ${id} has no text (lex)`);
  const texts = entry.lexes.map(({ text }) => text);
  if (texts.includes('')) throw new DataError(`${where}: entry ${id} has an empty text (lex)`);
  return {
    id,
    source,
    target: target.text,
    references: texts,
    meta: {
      ...entry.attributes,
      size: entry.triples.length,
      ...meta,
      ...(marked.length > 0 ? { marked: marked.length } : {}),
    },
  };
}

/**
 * A release of WebNLG, 3.0 in English unless told: a folder of XML files a split, or one file, and in test the label of
 * each entry.
 *
 * source = the modified triples (see `lineariseTriples`); `meta` has the entry's attributes, its `file` below the
 * split's folder (`eid` starts again in each), in test its `label`, and how many texts are `marked` as bad or to be
 * fixed.
 *
 * Reference: Castro Ferreira et al. 2020, "The 2020 Bilingual, Bi-Directional WebNLG+ Shared Task"; 2017: Gardent et al.
 */
export function webnlgTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence'>,
  release: WebnlgRelease = webnlg2020,
  linearise: (triples: readonly Triple[]) => string = lineariseTriples,
): Task {
  const { folder: releaseFolder, files, instanceTypes: typesFile, unseenCategories } = release;
  return {
    ...set,
    folder: releaseFolder,
    files,
    read(folder: string, split: Split): readonly Example[] {
      const found =
        files[split].find((file) => existsSync(join(folder, file))) ?? (files[split][0] as string);
      const path = join(folder, found);
      const isTest = split === 'test';
      const labelOf = isTest && typesFile !== undefined ? readLabels(join(folder, typesFile)) : new Map();
      const label = ({ attributes }: BenchmarkEntry): string | undefined => {
        if (!isTest || unseenCategories === undefined)
          return labelOf.get(attributes['eid'] ?? '') as string | undefined;
        return unseenCategories.includes(attributes['category'] ?? '') ? labels.type3 : labels.type1;
      };
      const entries = xmlFiles(path).flatMap((file) => readBenchmark(file).map((entry) => ({ file, entry })));
      if (entries.length === 0)
        throw new DataError(`${path}: the ${split} split is empty: no entry in any XML file`);
      return entries.map(({ file, entry }, i) => {
        const name = file === path ? undefined : file.slice(path.length + 1).replaceAll('\\', '/');
        const labelled = label(entry);
        return example(
          entry,
          `${set.name}-${split}-${i}`,
          linearise(entry.triples),
          {
            ...(name === undefined ? {} : { file: name }),
            ...(labelled === undefined ? {} : { label: labelled }),
          },
          `${file}:${entry.line}`,
        );
      });
    },
  };
}
