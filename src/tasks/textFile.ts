import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DataError } from '../errors';

/** The line (from 1) of the first byte sequence that is no UTF-8. */
function lineOfBadText(bytes: Buffer): number {
  for (let start = 0, line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

const notUtf8 = (file: string, bytes: Buffer): DataError =>
  new DataError(`${file}:${lineOfBadText(bytes)}: the text must be UTF-8`);

/** The file's bytes, unzipped where its name ends in `.gz`. */
function unzipped(file: string): Buffer {
  const bytes = readFileSync(file);
  if (!file.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new DataError(`${file}: not a whole gzip file (${(cause as Error).message})`, { cause });
  }
}

/**
 * The bytes of a text file, unzipped where its name ends in `.gz`. Throws DataError naming the line where they are no
 * UTF-8.
 */
export function readTextBytes(file: string): Buffer {
  const bytes = unzipped(file);
  if (!isUtf8(bytes)) throw notUtf8(file, bytes);
  return bytes;
}

const chunkBytes = 1 << 16;

/** A file's bytes in pieces; a zipped one has to be held whole. */
function* byteChunks(file: string): Generator<Buffer> {
  if (file.endsWith('.gz')) {
    const bytes = unzipped(file);
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    return;
  }
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const length = readSync(descriptor, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A text file in pieces, without a byte order mark, so that a large one is never held whole; unzipped where its name
 * ends in `.gz`. Throws DataError naming the line where it is no UTF-8.
 */
export function* textChunks(file: string): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      if (cause instanceof TypeError) throw notUtf8(file, unzipped(file));
      throw cause;
    }
  };
  for (const chunk of byteChunks(file)) yield decode(chunk);
  yield decode();
}

/** The lines of a text file, without their ends (LF or CRLF); what follows the last end is a line if it is not empty. */
export function* textLines(file: string): Generator<string> {
  let rest = '';
  for (const chunk of textChunks(file)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
