import { readFileSync } from 'node:fs';
import { ConfigError } from '../errors';

/** A configuration file's keys. Throws ConfigError when it is missing or holds no JSON object. */
export function readConfig(file: string): Readonly<Record<string, unknown>> {
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`${file}: must hold a JSON object: ${(cause as Error).message}`, { cause });
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ConfigError(`${file}: must hold a JSON object; found ${JSON.stringify(config).slice(0, 60)}`);
  return config as Readonly<Record<string, unknown>>;
}
