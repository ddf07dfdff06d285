// usage: node src/setup/makePeers.mjs     makes .setup/peers where it is missing; prints where its Python lies
import path from 'node:path';
import { lock } from './lock.mjs';
import { peers, pythonOfPeers } from './peers.mjs';
import { SetupError } from './problem.mjs';
import { isDone, runSteps } from './runSteps.mjs';
import { root } from './setUp.mjs';

/** @param {string} line */
const say = (line) => void process.stderr.write(`setup: ${line}\n`);

const step = peers(root);
const stamps = path.join(root, '.setup', 'stamps');
try {
  if (!isDone(step, stamps)) {
    const unlock = await lock(path.join(root, '.setup', 'lock'), say);
    await runSteps([step], { stamps, say, quiet: true }).finally(unlock);
  }
  process.stdout.write(`${pythonOfPeers(root)}\n`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}
