import { CsvError, parse } from 'csv-parse/sync';
import { DataError } from '../errors';
import { readTextBytes } from './textFile';

/** A row of a CSV file, the header being the first, and the line it starts on. */
export type CsvRow = { readonly fields: readonly string[]; readonly line: number };

/** What csv-parse refuses, in words that need no knowledge of it. */
const refusals: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote opened in this row is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote; a quote inside a field must be doubled',
  INVALID_OPENING_QUOTE: 'a quote inside a field that does not start with one',
};

/** Counts the physical lines before bytes that are asked for in ascending order; blank lines are no rows. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    let start = offset;
    while (bytes[start] === 0x0a || bytes[start] === 0x0d) start++;
    for (; counted < start; counted++) if (bytes[counted] === 0x0a) line++;
    return line;
  };
}

/**
 * All rows of a CSV file, plain or gzipped, with line breaks of either kind. Throws DataError `file:line: ...` where the
 * header is none of `headers`, a row has not as many fields as the header, or the quotes are broken.
 */
export function readCsv(file: string, headers?: readonly string[]): CsvRow[] {
  const bytes = readTextBytes(file);
  const lineAt = lineCounter(bytes);
  const rows: CsvRow[] = [];
  let start = 0;
  try {
    parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      on_record: (fields: string[], info) => {
        rows.push({ fields, line: lineAt(start) });
        start = info.bytes;
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // csv-parse counts a CRLF inside quotes twice, so its own line numbers are not the file's.
    throw new DataError(`${file}:${lineAt(start)}: ${refusals[cause.code] ?? cause.message}`, { cause });
  }
  const [header] = rows;
  const found = header?.fields.join() ?? 'nothing';
  if (headers !== undefined && !headers.includes(found))
    throw new DataError(`${file}:1: the header must be ${headers.join(' or ')}; found ${found}`);
  for (const { fields, line } of rows)
    if (header !== undefined && fields.length !== header.fields.length)
      throw new DataError(
        `${file}:${line}: a row must hold ${header.fields.length} fields, ${header.fields.join(' and ')}; found ${fields.length}`,
      );
  return rows;
}
