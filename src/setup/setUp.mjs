import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { binding } from './binding.mjs';
import { build } from './build.mjs';
import { seesNvidia } from './chooseDevice.mjs';
import { checkNode } from './checkNode.mjs';
import { kernel } from './kernel.mjs';
import { libtensorflow } from './libtensorflow.mjs';
import { lock } from './lock.mjs';
import { npmPackages } from './npmPackages.mjs';
import { SetupError } from './problem.mjs';
import { pythonVenv } from './pythonVenv.mjs';
import { isDone, runSteps } from './runSteps.mjs';
import {
  fallbackReason,
  forgetFallback,
  planTensorflow,
  reconsiderFallback,
  rememberDevice,
} from './tensorflow.mjs';

/** The checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string} line */
const say = (line) => void process.stderr.write(`setup: ${line}\n`);

/** @param {string} line */
const warn = (line) => void process.stderr.write(`warning: ${line}\n`);

/** What should not go unnoticed. */
function speakUp() {
  const reason = fallbackReason(root);
  if (reason !== null)
    warn(`TensorFlow is not in use, tensors are computed by wasm, 5 to 10 times slower: ${reason}`);
  else if (planTensorflow(root).device === 'cpu' && seesNvidia()) {
    warn(
      'there is an NVIDIA GPU, but TensorFlow was set up for the CPU; to mend: SPT_DEVICE=gpu npm run setup',
    );
  }
}

/**
 * Sets up what is missing. Ends the process, with one line on stderr, where that cannot be done.
 * @param {{ quiet?: boolean, only?: readonly string[] }} [options] quiet: say only what is done now; only: these steps
 * @returns {Promise<void>}
 */
export async function setUp({ quiet = true, only = [] } = {}) {
  try {
    checkNode();
    // Asked for by name, the set-up tries again what it gave up before.
    if (quiet) reconsiderFallback(root);
    else forgetFallback(root);
    const all = [npmPackages, pythonVenv, libtensorflow, binding, kernel, build].map((make) => make(root));
    const steps = only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
    const stamps = path.join(root, '.setup', 'stamps');
    const busy = !quiet || !steps.every((step) => isDone(step, stamps));
    if (busy) {
      const unlock = await lock(path.join(root, '.setup', 'lock'), say);
      fs.rmSync(path.join(root, '.setup', 'tmp'), { recursive: true, force: true });
      const start = Date.now();
      await runSteps(steps, { stamps, say, quiet }).finally(unlock);
      say(`ready after ${((Date.now() - start) / 1000).toFixed(1)} s`);
    }
    if (only.length > 0) return;
    rememberDevice(root);
    // At every later start src/tensor/backend.ts says the same.
    if (busy) speakUp();
  } catch (error) {
    const known = error instanceof SetupError;
    const unexpected = /** @type {NodeJS.ErrnoException} */ (error);
    if (!known && unexpected.code === undefined) throw error;
    const full =
      unexpected.code === 'ENOSPC' ? '; to mend: free some space (df -h .), then npm run setup' : '';
    process.stderr.write(`error: ${unexpected.message}${full}\n`);
    process.exit(1);
  }
}
