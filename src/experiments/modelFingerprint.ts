import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from '../errors';

/** What tells one model from another: a hash over the files that its numbers depend on, their names and their bytes. */
export function modelFingerprint(folder: string): string {
  const files = readdirSync(folder).filter(
    (name) => name === 'config.json' || name === 'tokenizer.json' || name.endsWith('.safetensors'),
  );
  if (!files.some((name) => name.endsWith('.safetensors')))
    throw new CheckpointError(`${folder}: no model: it holds no .safetensors file`);
  const hash = createHash('sha256');
  for (const name of files.toSorted()) {
    const bytes = readFileSync(join(folder, name));
    hash.update(`${name} ${bytes.length} `).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}
