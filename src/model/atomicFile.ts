import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { CheckpointError } from '../errors';

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'the folder is not writable',
  EPERM: 'the folder is not writable',
  EROFS: 'the file system is read-only',
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'a folder has this name',
};

/** Why a file could not be written, in words. */
export function writeFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : causes[code]) ?? message;
}

/**
 * Writes a file whole or not at all: `write` fills `<file>.partial`, which then takes the file's name.
 * A file of that name from before stays as it was until then. On an error nothing is left behind.
 *
 * @throws CheckpointError naming the file and the cause, where the file system refuses.
 */
export async function writeAtomically(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const partial = `${file}.partial`;
  try {
    const handle = await open(partial, 'w');
    try {
      await write(handle);
      await handle.sync();
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    await syncFolder(path.dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CheckpointError(`${file}: cannot be written: ${writeFailure(error)}`, { cause: error });
  }
}

/** Makes a rename last through a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
