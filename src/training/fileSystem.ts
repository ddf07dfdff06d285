import { mkdirSync } from 'node:fs';
import { CheckpointError } from '../errors';
import { writeFailure } from '../model/atomicFile';

/** Runs what writes at `path`; a refusal of the file system becomes one clear CheckpointError. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new CheckpointError(`${path}: cannot be written: ${writeFailure(error)}`, { cause: error });
  }
}

/** Creates a folder and those above it. */
export function makeFolder(path: string): void {
  writing(path, () => mkdirSync(path, { recursive: true }));
}
