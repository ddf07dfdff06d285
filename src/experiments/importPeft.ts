import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CheckpointError, ConfigError } from '../errors';
import { readSafetensors } from '../model/safetensors';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { modelIdentity } from '../training/modelIdentity';
import {
  environment,
  isFinished,
  type Json,
  openRun,
  type RunConfig,
  writeAdapter,
} from '../training/runStore';
import { peftFormats } from '../tuning/peft';
import {
  checkSettings,
  checkTensors,
  peftFiles,
  type PeftFormat,
  type PeftSettings,
} from '../tuning/peft/peftFormat';

/** What a run's folder names beside its parameters, so that it can be evaluated. */
export type ImportContext = {
  /** `mini`, a folder, or a Hugging Face name. */
  readonly model: string;
  readonly task: string;
  /** The data's folder; null for the task's usual place. */
  readonly root: string | null;
};

/** An adapter's `adapter_config.json`. Throws CheckpointError where the folder holds none, or a damaged one. */
export function readPeftSettings(folder: string): PeftSettings {
  const file = join(folder, peftFiles.settings);
  if (!existsSync(file))
    throw new CheckpointError(`${folder}: no PEFT adapter: it holds no ${peftFiles.settings}`);
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CheckpointError(`${file}: damaged: ${(cause as Error).message}`, { cause });
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new CheckpointError(`${file}: damaged: must be a JSON object`);
  return settings as PeftSettings;
}

function formatOf(file: string, { peft_type: type }: PeftSettings): PeftFormat {
  const format = peftFormats.find((one) => one.type === type);
  if (format !== undefined) return format;
  const known = peftFormats.map((one) => one.type).join(', ');
  throw new ConfigError(`${file}: peft_type must be one of ${known}; found ${JSON.stringify(type)}`);
}

/**
 * Makes a finished run of a Hugging Face PEFT adapter for a T5, which computes the same; `context` is what the run's folder
 * says of model and data. How the adapter was trained is not known: the run's `training` is null.
 * @throws ConfigError for an adapter of which there is nothing here, or a folder that holds another run; CheckpointError
 * for a file that is missing, damaged, or another model's.
 */
export async function importPeft(
  model: T5,
  folder: string,
  out: string,
  { model: name, task, root }: ImportContext,
): Promise<RunConfig> {
  const settingsFile = join(folder, peftFiles.settings);
  const settings = readPeftSettings(folder);
  const format = formatOf(settingsFile, settings);
  checkSettings(settingsFile, format, settings);
  const methodConfig = format.config(settings);
  const file = join(folder, peftFiles.tensors);
  const { tensors } = await readSafetensors(file);
  const shapes = Object.fromEntries([...tensors].map(([key, { shape }]) => [key, shape]));
  checkTensors(file, shapes, format.shapes(model.config, settings));
  const params = tf.tidy(() =>
    format.read(
      model.config,
      settings,
      Object.fromEntries(
        [...tensors].map(([key, { values, shape }]) => [key, tf.tensor(values, [...shape])]),
      ),
    ),
  );
  try {
    const config: RunConfig = {
      context: {
        model: name,
        task,
        root: root === null ? null : resolve(root),
        imported: settings as Readonly<Record<string, Json>>,
      },
      model: await modelIdentity(model),
      method: methodConfig as RunConfig['method'],
      training: null,
      seed: 0,
      train: null,
      dev: null,
    };
    await openRun(out, config, environment());
    if (!isFinished(out)) await writeAdapter(out, params);
    return config;
  } finally {
    tf.dispose(params);
  }
}
