import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { DataError } from '../errors';

/** Standard input, for `readLines`. */
export const stdin = 0;

/**
 * The lines of a text file or of standard input. Only a line feed ends a line: other characters that some tools take
 * for line ends (U+2028, a lone carriage return) are text. Throws DataError when it cannot be read or is not UTF-8.
 */
export function readLines(file: string | typeof stdin): string[] {
  const name = file === stdin ? 'stdin' : file;
  const bytes = readBytes(file, name);
  const lines: string[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (!isUtf8(line)) throw new DataError(`${name}:${lines.length + 1}: the text must be UTF-8`);
    lines.push(line.toString('utf8'));
    start = end === -1 ? bytes.length : end + 1;
  }
  return lines;
}

function readBytes(file: string | typeof stdin, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new DataError(`${name}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code ?? ''})`}`, {
      cause,
    });
  }
}
