import fs from 'node:fs';
import path from 'node:path';

/** Writes beside, then renames, so that a reader or a killed process never meets half a file.
 * @param {string} file
 * @param {string} text
 */
export function writeAtomically(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  fs.writeFileSync(beside, text);
  fs.renameSync(beside, file);
}
