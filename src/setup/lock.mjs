import fs from 'node:fs';
import path from 'node:path';

/**
 * The process that holds the lock; null if the file is gone, or if who wrote it is.
 * @param {string} file
 * @returns {number | null}
 */
function holder(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    // An empty file is one being written, or what a process killed in between left.
    if (pid === 0) return Date.now() - fs.statSync(file).mtimeMs < 5000 ? pid : null;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM' ? NaN : null;
  }
}

/**
 * Holds a file that keeps a second set-up of the same checkout waiting; a dead process's lock is taken over.
 * @param {string} file
 * @param {(line: string) => void} say
 * @returns {Promise<() => void>} gives the lock back
 */
export async function lock(file, say) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      const release = () => fs.rmSync(file, { force: true });
      process.once('exit', release);
      return () => {
        process.removeListener('exit', release);
        release();
      };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (holder(file) === null) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (waited % 60 === 0) say(`waiting for another set-up to end; if there is none, delete ${file}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
