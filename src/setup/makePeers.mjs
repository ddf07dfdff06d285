// usage: node src/setup/makePeers.mjs [KIND]     makes .setup/KIND where it is missing, `peers` (PyTorch, transformers, peft
// and more) or `peers-adapters` (AdapterHub); prints where its Python lies
import path from 'node:path';
import { lock } from './lock.mjs';
import { peerKind, peers, pythonOfPeers } from './peers.mjs';
import { SetupError } from './problem.mjs';
import { isDone, runSteps } from './runSteps.mjs';
import { root } from './setUp.mjs';

/** @param {string} line */
const say = (line) => void process.stderr.write(`setup: ${line}\n`);

try {
  const kind = peerKind(process.argv[2] ?? 'peers');
  const step = peers(root, kind);
  const stamps = path.join(root, '.setup', 'stamps');
  if (!isDone(step, stamps)) {
    const unlock = await lock(path.join(root, '.setup', 'lock'), say);
    await runSteps([step], { stamps, say, quiet: true }).finally(unlock);
  }
  process.stdout.write(`${pythonOfPeers(root, kind)}\n`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 1;
}
