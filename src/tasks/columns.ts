import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../errors';
import { readCsv } from './csvFile';
import { groupReferences, type Pair } from './groupReferences';
import { parseJson, readJson } from './jsonFile';
import type { Example, Split, Task } from './task';
import { textLines } from './textFile';

/** Which columns (CSV) or keys (JSON Lines) hold what; several targets are several references. */
const columnNames = z.strictObject({
  source: z.string().default('source'),
  target: z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]).default(['target']),
});
type ColumnNames = z.infer<typeof columnNames>;

const namesFile = 'columns.json';

/** The column names that a folder gives, else `source` and `target`. */
function readNames(folder: string): ColumnNames {
  const file = join(folder, namesFile);
  const parsed = columnNames.safeParse(existsSync(file) ? readJson(file) : {});
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
  throw new DataError(`${file}: ${['the file', ...path].join('.')}: ${message}`);
}

/** A record by column names, and its line. */
type Row = { readonly value: (column: string) => unknown; readonly line: number };

function csvRows(file: string): Row[] {
  const [header, ...rows] = readCsv(file);
  return rows.map(({ fields, line }) => ({
    value: (column) => fields[header?.fields.indexOf(column) ?? -1],
    line,
  }));
}

function* jsonRows(file: string): Generator<Row> {
  let line = 0;
  for (const text of textLines(file)) {
    line++;
    if (text.trim() === '') continue;
    const record = parseJson(text, file, line);
    if (typeof record !== 'object' || record === null)
      throw new DataError(`${file}:${line}: a line must be a JSON object`);
    yield { value: (column) => (record as Readonly<Record<string, unknown>>)[column], line };
  }
}

function* pairs(file: string, names: ColumnNames): Generator<Pair> {
  for (const { value, line } of /\.csv(?:\.gz)?$/.test(file) ? csvRows(file) : jsonRows(file)) {
    const text = (column: string): string => {
      const found = value(column);
      if (typeof found !== 'string' || found.trim() === '')
        throw new DataError(
          `${file}:${line}: ${column} must be a text; found ${found === undefined ? 'nothing' : JSON.stringify(found)}`,
        );
      return found;
    };
    const source = text(names.source);
    for (const target of names.target) yield { source, reference: text(target) };
  }
}

const endings = ['csv', 'jsonl', 'csv.gz', 'jsonl.gz'];
const fileNames = (split: Split): string[] => endings.map((ending) => `${split}.${ending}`);
const files = { train: fileNames('train'), dev: fileNames('dev'), test: fileNames('test') };

/**
 * Any sources and targets: `SPLIT.csv` with a header, or `SPLIT.jsonl`, in one folder, whose `columns.json` may name the
 * columns, `{"source": "question", "target": ["answer", "other answer"]}`.
 *
 * Equal sources become one example with all their targets as references.
 */
export function columnsTask(set: Pick<Task, 'name' | 'shipped' | 'licence' | 'folder'>): Task {
  return {
    ...set,
    files,
    read(folder: string, split: Split): readonly Example[] {
      const name = files[split].find((file) => existsSync(join(folder, file))) ?? (files[split][0] as string);
      const path = join(folder, name);
      const examples = groupReferences(`${set.name}-${split}`, pairs(path, readNames(folder)));
      if (examples.length === 0) throw new DataError(`${path}: the ${split} split is empty`);
      return examples;
    },
  };
}
