import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../errors';
import { readCsv } from './csvFile';
import { groupReferences } from './groupReferences';
import type { Example, Split, Task } from './task';

/** A row of a file; the cleaned release says whether the MR was `fixed` and what it was. */
export type E2eRow = {
  readonly mr: string;
  readonly reference: string;
  readonly fixed?: string;
  readonly originalMr?: string;
};

const headers = ['mr,ref', 'mr,ref,fixed,orig_mr'];

/** What was UTF-8 read as Latin-1: the challenge's own scorer repairs the same two. */
const repaired = (text: string): string => text.replaceAll('Â£', '£').replaceAll('Ã©', 'é');

/** All rows of a file. Throws DataError `file:line: ...` where the format is broken. */
export function readE2e(file: string): E2eRow[] {
  const [, ...rows] = readCsv(file, headers);
  return rows.map(({ fields, line }) => {
    const [mr = '', reference = '', fixed, originalMr] = fields.map(repaired);
    if (mr.trim() === '') throw new DataError(`${file}:${line}: mr is empty`);
    if (reference.trim() === '') throw new DataError(`${file}:${line}: ref is empty`);
    return {
      mr,
      reference,
      ...(fixed === undefined ? {} : { fixed }),
      ...(originalMr === undefined ? {} : { originalMr }),
    };
  });
}

/** A release: the folder it lies in, and a file a split. */
type Release = { readonly folder: string } & Readonly<Record<Split, string>>;

const original: Release = {
  folder: 'e2e',
  train: 'trainset.csv',
  dev: 'devset.csv',
  test: 'testset_w_refs.csv',
};

/** The cleaned release (Dusek, Howcroft and Rieser 2019). */
export const cleanedE2e: Release = {
  folder: 'e2e-cleaned',
  train: 'train-fixed.no-ol.csv',
  dev: 'devel-fixed.no-ol.csv',
  test: 'test-fixed.csv',
};

/**
 * A data set in the E2E NLG challenge's format: CSV with the header `mr,ref` (cleaned: `mr,ref,fixed,orig_mr`), plain or
 * gzipped, one row a reference.
 *
 * Rows with the same meaning representation (MR) become one example, in order of first appearance: source = the MR as it
 * is, target = its first reference, references = all of them, `meta.rows` = how many. Known mis-encodings are repaired.
 *
 * Reference: Novikova, Dusek and Rieser 2017, "The E2E Dataset: New Challenges For End-to-End Generation".
 */
export function e2eTask(
  set: Pick<Task, 'name' | 'shipped' | 'licence'>,
  { folder: releaseFolder, ...names }: Release = original,
): Task {
  const files = {
    train: [names.train, `${names.train}.gz`],
    dev: [names.dev, `${names.dev}.gz`],
    test: [names.test, `${names.test}.gz`],
  };
  return {
    ...set,
    folder: releaseFolder,
    files,
    read(folder: string, split: Split): readonly Example[] {
      const name = files[split].find((file) => existsSync(join(folder, file))) ?? names[split];
      const path = join(folder, name);
      if (!existsSync(path))
        throw new DataError(`${path}: no such file; it is the ${split} split of ${set.name}`);
      const rows = readE2e(path);
      if (rows.length === 0)
        throw new DataError(`${path}: the ${split} split is empty: a header and no rows`);
      return groupReferences(
        `${set.name}-${split}`,
        rows.map(({ mr, reference }) => ({ source: mr, reference })),
      );
    },
  };
}
