import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SetupError } from './problem.mjs';
import { writeAtomically } from './writeAtomically.mjs';

/**
 * One step of the set-up. It counts as done while its stamp holds the same inputs and its outputs are there.
 * @typedef {object} Step
 * @property {string} name names its stamp and its log
 * @property {() => string} does what it does, in a few words
 * @property {number} [megabytes] the free space that it needs
 * @property {() => readonly string[]} inputs everything that it depends on; cheap, it is asked at every start
 * @property {() => readonly string[]} outputs the files or folders that must be there afterwards
 * @property {() => boolean} [isThere] where the work may have been done by other hands: whether it was
 * @property {() => Promise<void>} run idempotent; whatever a killed earlier run left behind is in order
 */

/** @param {Step} step */
function digest(step) {
  return createHash('sha256').update(step.inputs().join('\n')).digest('hex');
}

/**
 * Whether a step has nothing to do.
 * @param {Step} step
 * @param {string} stamps the folder of the stamps
 */
export function isDone(step, stamps) {
  if (!step.outputs().every((file) => fs.existsSync(file))) return false;
  try {
    return fs.readFileSync(path.join(stamps, step.name), 'utf8') === digest(step);
  } catch {
    return false;
  }
}

/**
 * @param {string} folder
 * @param {Step} step
 */
function demandSpace(folder, step) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = (bavail * bsize) / 1e6;
  const needed = step.megabytes ?? 0;
  if (free < needed) {
    throw new SetupError(
      `${step.does()} needs ${needed} MB of disk in ${folder}, ${Math.floor(free)} MB are free`,
      'free some space (df -h .), then npm run setup',
    );
  }
}

/**
 * Runs, in order, the steps that are not done. A step killed half-way has no stamp, so it runs again next time.
 * @param {readonly Step[]} steps
 * @param {{ stamps: string, say: (line: string) => void, quiet: boolean }} options quiet: no word of what is done
 * @returns {Promise<void>}
 */
export async function runSteps(steps, { stamps, say, quiet }) {
  fs.mkdirSync(stamps, { recursive: true });
  for (const step of steps) {
    const stamp = path.join(stamps, step.name);
    if (isDone(step, stamps)) {
      if (!quiet) say(`${step.does()}: already there`);
      continue;
    }
    const inputs = digest(step);
    if (step.isThere?.() === true) {
      writeAtomically(stamp, inputs);
      if (!quiet) say(`${step.does()}: already there`);
      continue;
    }
    fs.rmSync(stamp, { force: true });
    demandSpace(stamps, step);
    say(`${step.does()} …`);
    const start = Date.now();
    const seconds = () => ((Date.now() - start) / 1000).toFixed(1);
    const heartbeat = setInterval(() => say(`${step.does()}: ${seconds()} s so far`), 30_000);
    try {
      await step.run();
    } finally {
      clearInterval(heartbeat);
    }
    const missing = step.outputs().find((file) => !fs.existsSync(file));
    if (missing !== undefined)
      throw new Error(`${step.name}: ${missing} is not there although the step ended well`);
    writeAtomically(stamp, inputs);
    say(`${step.does()}: done in ${seconds()} s`);
  }
}
