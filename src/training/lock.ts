import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../errors';
import { writing } from './fileSystem';

/** Who trains in a folder. `started` tells a process from a later one with its number, where the system says it. */
type Owner = { readonly host: string; readonly pid: number; readonly started: string | null };

/** Seconds between two signs of life, and those after which a process of another machine counts as gone. */
const beat = 10;
const silence = 120;

const held = new Set<string>();

/** When a process began, in ticks since the machine's start; null where the system has no /proc, or no such process. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in brackets, may hold spaces; the start is field 22, the 20th after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return owner.started === startOf(owner.pid);
}

function read(
  file: string,
): { readonly text: string; readonly owner: Owner | null; readonly age: number } | null {
  try {
    const text = readFileSync(file, 'utf8');
    const age = (Date.now() - statSync(file).mtimeMs) / 1000;
    try {
      return { text, owner: JSON.parse(text) as Owner, age };
    } catch {
      return { text, owner: null, age };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes away a lock whose owner is gone, unless another process was quicker. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readFileSync(aside, 'utf8') === text) rmSync(aside);
  else renameSync(aside, file);
}

/**
 * Makes this process the only one that trains in a folder; the result gives the folder free again.
 *
 * A lock left by a killed process is taken over: at once on the same machine, after two silent minutes from another
 * (a shared disk).
 * @throws ConfigError if another training holds the folder.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, '.lock');
  const mine: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  for (let attempt = 0; attempt < 3; attempt++) {
    const found = held.has(file) ? { text: '', owner: mine, age: 0 } : read(file);
    if (found !== null) {
      const { owner, text, age } = found;
      const here = owner?.host === mine.host;
      const isOwn = here && owner.pid === mine.pid && owner.started === mine.started;
      const isBusy = held.has(file) || (here ? !isOwn && isAlive(owner) : age < silence);
      if (isBusy)
        throw new ConfigError(
          `${folder}: process ${owner?.pid ?? 'unknown'} on ${owner?.host ?? 'an unknown machine'} is training here; ` +
            `wait for it or choose another folder (if it is gone for sure, delete ${file})`,
        );
      removeStale(file, text);
    }
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      return writing(folder, () => {
        throw error;
      });
    }
    held.add(file);
    const timer = setInterval(() => {
      try {
        utimesSync(file, new Date(), new Date());
      } catch {
        // Without signs of life the lock only ages; the training itself must not end for that.
      }
    }, beat * 1000).unref();
    return () => {
      clearInterval(timer);
      held.delete(file);
      rmSync(file, { force: true });
    };
  }
  throw new ConfigError(`${folder}: another process took this folder just now; choose another one`);
}
