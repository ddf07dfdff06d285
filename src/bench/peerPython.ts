import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ConfigError } from '../errors';

const root = path.join(__dirname, '..', '..');

/**
 * A Python with PyTorch, transformers, peft and sacrebleu: the one that SPT_PEERS names, else that of a venv which is made where it
 * is missing.
 * @throws ConfigError saying why there is none and how to get one.
 */
export function peerPython(): string {
  const named = process.env['SPT_PEERS'];
  const hint = 'set SPT_PEERS to a Python with torch, transformers, peft and sacrebleu';
  if (named !== undefined && named !== '') {
    const { error, status, stderr } = spawnSync(named, ['--version'], { encoding: 'utf8' });
    if (status === 0) return named;
    throw new ConfigError(
      `bench: SPT_PEERS names ${named}, which does not run (${error?.message ?? stderr.trim()}); ${hint}`,
    );
  }
  const made = spawnSync(process.execPath, [path.join(root, 'src', 'setup', 'makePeers.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (made.status === 0) return made.stdout.trim();
  throw new ConfigError(`bench: the peers could not be installed (see above); ${hint}`);
}
