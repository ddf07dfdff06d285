import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { DataError } from '../../errors';

/** No published set comes near this; an archive that says it does is a bomb. */
const mostBytes = 2 ** 31;

/** All entries of an archive, read before anything is written. */
async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) entries.push(entry);
  return entries;
}

/** Passes bytes on and sees to it that they have the checksum the archive gives. */
function checked(entry: Entry): Transform {
  let sum = 0;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush: (done) =>
      done(sum === entry.crc32 >>> 0 ? null : new Error(`${entry.fileName}: its checksum is wrong`)),
  });
}

/**
 * Unpacks the files of a zip archive that `pathOf` gives a path below `folder`. Names that lead out of the archive
 * (`../`, absolute ones) make the whole archive refused before anything is written, and so do sizes beyond 2 GB.
 * @throws DataError naming archive and entry.
 */
export async function unzip(
  archive: string,
  folder: string,
  pathOf: (name: string) => string | undefined,
): Promise<void> {
  try {
    // yauzl itself refuses names that lead out, and entries whose size is not the one they announce.
    const zip = await openPromise(archive, { autoClose: false, strictFileNames: true });
    try {
      const entries = await entriesOf(zip);
      const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
      if (bytes > mostBytes) throw new Error(`${bytes} bytes unpacked are more than a data set can have`);
      for (const entry of entries) {
        const path = entry.fileName.endsWith('/') ? undefined : pathOf(entry.fileName);
        if (path === undefined) continue;
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        await pipeline(
          await zip.openReadStreamPromise(entry),
          checked(entry),
          createWriteStream(`${file}.part`),
        );
        renameSync(`${file}.part`, file);
      }
    } finally {
      zip.close();
    }
  } catch (cause) {
    throw new DataError(`${archive}: not unpacked: ${(cause as Error).message}`, { cause });
  }
}
