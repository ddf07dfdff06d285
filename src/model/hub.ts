import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '../errors';

/** `owner/model`, or one of the few names without an owner. */
const hubName = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/;

/**
 * The folder of a model: `mini` is the one shipped with this package; a folder stands for itself; a Hugging Face name
 * (`google/flan-t5-small`) is looked up in the Hugging Face cache, at the commit that its `main` points to. Nothing is
 * downloaded.
 *
 * @throws ConfigError saying where it looked and what to do.
 */
export function resolveModel(name: string): string {
  if (name === 'mini') return path.resolve(__dirname, '..', '..', 'data', 'mini', 'model');
  if (isFolder(name)) return path.resolve(name);
  if (!hubName.test(name))
    throw new ConfigError(`model: must be mini, a folder or a Hugging Face name; there is no folder ${name}`);
  const repository = path.join(hubCache(), `models--${name.replace('/', '--')}`);
  const main = path.join(repository, 'refs', 'main');
  const snapshot = existsSync(main)
    ? path.join(repository, 'snapshots', readFileSync(main, 'utf8').trim())
    : repository;
  if (!existsSync(path.join(snapshot, 'config.json')))
    throw new ConfigError(
      `model: ${name} is no folder and not in the Hugging Face cache (${snapshot}); download it with: hf download ${name}`,
    );
  return snapshot;
}

/** The hub's cache folder, by the variables that huggingface_hub reads. */
function hubCache(): string {
  const { HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  return HF_HUB_CACHE ?? path.join(HF_HOME ?? path.join(cache, 'huggingface'), 'hub');
}

function isFolder(name: string): boolean {
  return existsSync(name) && statSync(name).isDirectory();
}
