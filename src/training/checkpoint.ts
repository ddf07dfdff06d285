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

/** The tensors `[runs, ...]` of runs that share a configuration of the method (see `Block`). */
export type BlockState = {
  readonly params: Tensors;
  readonly optimizer: Tensors;
  /** Each run's parameters at its best look at the dev split; null before the first, and where there is no dev split. */
  readonly best: Tensors | null;
};

/** All that a training needs to go on: everything else follows from config, seeds and step. */
export type TrainState = {
  readonly step: number;
  readonly blocks: readonly BlockState[];
  /** Each run's best look at the dev split, block after block; null as above. */
  readonly best: readonly Best[] | null;
};

/** Runs are known by their names; checkpoints of before there were names have seeds. */
const schema = z
  .object({
    step: z.int().min(0),
    seeds: z.array(z.number()).default([]),
    runs: z.array(z.string()).optional(),
    best: z.array(z.object({ step: z.int(), devLoss: z.number() })).nullable(),
  })
  .transform(({ seeds, runs = seeds.map((seed) => `seed-${seed}`), ...rest }) => ({ ...rest, runs }));

const stateFile = (folder: string): string => join(folder, 'checkpoint', 'state.safetensors');

/** A tensor's name in the file: `params/prompt`, from the second block on `1/params/prompt`. */
const key = (block: number, kind: string, name: string): string =>
  `${block === 0 ? '' : `${block}/`}${kind}/${name}`;

/**
 * Writes `folder/checkpoint/state.safetensors`, whole or not at all; the one before stays until then. `runs` are the names
 * of its runs, in the order of their rows.
 */
export async function saveCheckpoint(
  folder: string,
  { step, blocks, best }: TrainState,
  runs: readonly string[],
): Promise<void> {
  makeFolder(join(folder, 'checkpoint'));
  const entries = blocks.flatMap((kinds, block) =>
    Object.entries(kinds).flatMap(([kind, tensors]) =>
      Object.entries(tensors ?? {}).map(([name, tensor]) => [key(block, kind, name), tensor] as const),
    ),
  );
  await writeSafetensors(stateFile(folder), Object.fromEntries(entries), {
    metadata: { training: JSON.stringify({ step, runs, best }) },
  });
}

/** A checkpoint on disk. */
export type StoredCheckpoint = {
  readonly step: number;
  /** The names of the runs it holds, in the order of their rows. */
  readonly runs: readonly string[];
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
  const { step, runs, best } = parsed.data;
  return { step, runs, load: async () => ({ step, blocks: await loadBlocks(file), best }) };
}

async function loadBlocks(file: string): Promise<readonly BlockState[]> {
  type Kind = keyof BlockState;
  const blocks: Record<Kind, Record<string, tf.Tensor>>[] = [];
  const opened = await openSafetensors(file);
  try {
    for (const [entry, { shape }] of opened.entries) {
      const [, block = 0, kind, name] = /^(?:(\d+)\/)?(params|optimizer|best)\/(.*)$/.exec(entry) ?? [];
      if (kind === undefined || name === undefined)
        throw new CheckpointError(`${file}: a checkpoint holds no tensor ${entry}`);
      const own = (blocks[Number(block)] ??= { params: {}, optimizer: {}, best: {} });
      own[kind as Kind][name] = tf.tensor(await opened.read(entry), [...shape]);
    }
  } catch (error) {
    tf.dispose(blocks);
    throw error;
  } finally {
    await opened.close();
  }
  return blocks.map(({ best, ...rest }) => ({ ...rest, best: Object.keys(best).length === 0 ? null : best }));
}
