import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError } from '../errors';
import { openSafetensors, writeSafetensors } from '../model/safetensors';
import { tf } from '../tensor/backend';
import { makeFolder } from './fileSystem';
import type { Tensors } from './optimizer';

/** The best look at the dev split so far, of each run; null before the first. */
export type Best = { readonly step: number; readonly devLoss: number };

/** All that a training needs to go on: tensors `[runs, ...]`, everything else follows from config, seeds and step. */
export type TrainState = {
  readonly step: number;
  readonly params: Tensors;
  readonly optimizer: Tensors;
  /** Each run's parameters at its best look at the dev split; null where there is no dev split. */
  readonly best: { readonly params: Tensors; readonly of: readonly Best[] } | null;
};

const schema = z.object({
  step: z.int().min(0),
  seeds: z.array(z.number()),
  best: z.array(z.object({ step: z.int(), devLoss: z.number() })).nullable(),
});

const stateFile = (folder: string): string => join(folder, 'checkpoint', 'state.safetensors');

const prefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]));

/** Writes `folder/checkpoint/state.safetensors`, whole or not at all; the one before stays until then. */
export async function saveCheckpoint(
  folder: string,
  state: TrainState,
  seeds: readonly number[],
): Promise<void> {
  makeFolder(join(folder, 'checkpoint'));
  const { step, params, optimizer, best } = state;
  await writeSafetensors(
    stateFile(folder),
    {
      ...prefixed('params', params),
      ...prefixed('optimizer', optimizer),
      ...(best === null ? {} : prefixed('best', best.params)),
    },
    { metadata: { training: JSON.stringify({ step, seeds, best: best?.of ?? null }) } },
  );
}

/** A checkpoint on disk. */
export type StoredCheckpoint = {
  readonly step: number;
  /** The runs it holds, in the order of its tensors' first axis. */
  readonly seeds: readonly number[];
  /** Reads its tensors; the caller owns them. */
  readonly load: () => Promise<TrainState>;
};

/** A folder's checkpoint; null where there is none. Throws CheckpointError if it is damaged. */
export async function findCheckpoint(folder: string): Promise<StoredCheckpoint | null> {
  const file = stateFile(folder);
  if (!existsSync(file)) return null;
  const opened = await openSafetensors(file);
  let parsed;
  try {
    parsed = schema.safeParse(JSON.parse(opened.metadata['training'] ?? 'null'));
  } catch {
    parsed = undefined;
  } finally {
    await opened.close();
  }
  if (!parsed?.success)
    throw new CheckpointError(`${file}: no checkpoint of a training: its metadata say no step`);
  const { step, seeds, best } = parsed.data;
  return { step, seeds, load: async () => ({ step, ...(await loadTensors(file, best)) }) };
}

async function loadTensors(file: string, best: readonly Best[] | null): Promise<Omit<TrainState, 'step'>> {
  const groups: Record<'params' | 'optimizer' | 'best', Record<string, tf.Tensor>> = {
    params: {},
    optimizer: {},
    best: {},
  };
  const opened = await openSafetensors(file);
  try {
    for (const [name, { shape }] of opened.entries) {
      const [group, rest] = [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)];
      if (group !== 'params' && group !== 'optimizer' && group !== 'best')
        throw new CheckpointError(`${file}: a checkpoint holds no tensor ${name}`);
      groups[group][rest] = tf.tensor(await opened.read(name), [...shape]);
    }
  } catch (error) {
    tf.dispose(groups);
    throw error;
  } finally {
    await opened.close();
  }
  const { params, optimizer } = groups;
  return { params, optimizer, best: best === null ? null : { params: groups.best, of: best } };
}
