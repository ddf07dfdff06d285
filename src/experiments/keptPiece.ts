import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeAtomically } from '../model/atomicFile';

/** A run's adapter as part of a key: what was measured of another adapter does not stand for this one. */
export function adapterDigest(folder: string): string {
  const bytes = readFileSync(join(folder, 'adapter.safetensors'));
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

type Kept = { readonly key: unknown; readonly result: unknown };

/** What a file keeps; null where there is none, or a torn one. */
function readKept(file: string): Kept | null {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return null;
  }
}

/**
 * Computes a piece of a study once: its result is kept as JSON in `file` beside the key that it was computed for, and read
 * from there by the next call with the same key, so that a study that was killed goes on with the piece it was at.
 */
export async function keptPiece<T>(file: string, key: unknown, compute: () => Promise<T>): Promise<T> {
  const wanted: unknown = JSON.parse(JSON.stringify(key));
  const kept = readKept(file);
  if (kept !== null && isDeepStrictEqual(kept.key, wanted)) return kept.result as T;
  const result = await compute();
  await mkdir(dirname(file), { recursive: true });
  const text = JSON.stringify({ key: wanted, result });
  await writeAtomically(file, (handle) => handle.writeFile(text));
  // As a later call reads it: what JSON does not hold is lost now, not then.
  return (JSON.parse(text) as { readonly result: T }).result;
}
