import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { DataError } from '../errors';
import type { Example, Split, Task } from './task';
import { readTextBytes } from './textFile';

/** One row of the file. */
type Row = { readonly mr: string; readonly reference: string };

/** What csv-parse refuses, in words that need no knowledge of it. */
const refusals: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote opened in this row is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote; a quote inside a field must be doubled',
  INVALID_OPENING_QUOTE: 'a quote inside a field that does not start with one',
};

/** The physical line (from 1) of the first row that starts at or after a byte; blank lines are no rows. */
function lineAt(bytes: Buffer, offset: number): number {
  let start = offset;
  while (bytes[start] === 0x0a || bytes[start] === 0x0d) start++;
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < start; at = bytes.indexOf(0x0a, at + 1)) line++;
  return line;
}

/** All rows of a file. Throws DataError `file:line: ...` where the format is broken. */
function readRows(file: string): Row[] {
  const bytes = readTextBytes(file);
  const records: { readonly fields: readonly string[]; readonly start: number }[] = [];
  let start = 0;
  try {
    parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      on_record: (fields: string[], info) => {
        records.push({ fields, start });
        start = info.bytes;
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // csv-parse counts a CRLF inside quotes twice, so its own line numbers are not the file's.
    throw new DataError(`${file}:${lineAt(bytes, start)}: ${refusals[cause.code] ?? cause.message}`, {
      cause,
    });
  }
  const header = records[0]?.fields.join() ?? 'nothing';
  if (header !== 'mr,ref') throw new DataError(`${file}:1: the header must be mr,ref; found ${header}`);
  return records.slice(1).map(({ fields, start }) => {
    const refuse = (why: string): DataError => new DataError(`${file}:${lineAt(bytes, start)}: ${why}`);
    const [mr = '', reference = ''] = fields;
    if (fields.length !== 2) throw refuse(`a row must hold two fields, mr and ref; found ${fields.length}`);
    if (mr.trim() === '') throw refuse('mr is empty');
    if (reference.trim() === '') throw refuse('ref is empty');
    return { mr, reference };
  });
}

const stems: Readonly<Record<Split, string>> = {
  train: 'trainset.csv',
  dev: 'devset.csv',
  test: 'testset_w_refs.csv',
};
const files = Object.fromEntries(
  Object.entries(stems).map(([split, file]) => [split, [file, `${file}.gz`]]),
) as unknown as Record<Split, string[]>;

/**
 * A data set in the E2E NLG challenge's format: CSV with the header `mr,ref`, plain or gzipped, one row a reference.
 *
 * Rows with the same meaning representation (MR) become one example, in order of first appearance: source = the MR as it
 * is, target = its first reference, references = all of them, `meta.rows` = how many.
 *
 * Reference: Novikova, Dusek and Rieser 2017, "The E2E Dataset: New Challenges For End-to-End Generation".
 */
export function e2eTask(set: Pick<Task, 'name' | 'shipped' | 'licence'>): Task {
  return {
    ...set,
    folder: 'e2e',
    files,
    read(folder: string, split: Split): readonly Example[] {
      const name = files[split].find((file) => existsSync(join(folder, file))) ?? stems[split];
      const path = join(folder, name);
      if (!existsSync(path))
        throw new DataError(`${path}: no such file; it is the ${split} split of ${set.name}`);
      const groups = new Map<string, string[]>();
      for (const { mr, reference } of readRows(path)) {
        const group = groups.get(mr);
        if (group === undefined) groups.set(mr, [reference]);
        else group.push(reference);
      }
      if (groups.size === 0)
        throw new DataError(`${path}: the ${split} split is empty: a header and no rows`);
      return [...groups].map(([source, references], i) => ({
        id: `${set.name}-${split}-${i}`,
        source,
        target: references[0] as string,
        references,
        meta: { rows: references.length },
      }));
    },
  };
}
