import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from '../errors';
import { readSafetensors, writeSafetensors } from '../model/safetensors';
import { tf } from '../tensor/backend';
import type { Params } from '../tuning/method';

/** A run's parameters after a step of its training; step 0 is how it started. */
export type Snapshot = { readonly step: number; readonly params: Params };

const snapshotFile = (folder: string): string => join(folder, 'snapshots.safetensors');

/** Keeps a run's parameters at several steps in its folder, in half precision: `snapshots.safetensors`. */
export async function writeSnapshots(folder: string, snapshots: readonly Snapshot[]): Promise<void> {
  const tensors = snapshots.flatMap(({ step, params }) =>
    Object.entries(params).map(([name, tensor]) => [`${step}/${name}`, tensor] as const),
  );
  await writeSafetensors(snapshotFile(folder), Object.fromEntries(tensors), { dtype: 'F16' });
}

/** A run's parameters at the steps that were kept, in order; none where none were. The caller owns them. */
export async function readSnapshots(folder: string): Promise<readonly Snapshot[]> {
  const file = snapshotFile(folder);
  if (!existsSync(file)) return [];
  const { tensors } = await readSafetensors(file);
  const bySteps = new Map<number, Record<string, tf.Tensor>>();
  for (const [key, { shape, values }] of tensors) {
    const [step = '', name = ''] = key.split('/');
    if (!/^\d+$/.test(step) || name === '') {
      bySteps.forEach((params) => tf.dispose(params));
      throw new CheckpointError(`${file}: a tensor must be named STEP/NAME; found ${key}`);
    }
    const params = bySteps.get(Number(step)) ?? {};
    params[name] = tf.tensor(values, [...shape]);
    bySteps.set(Number(step), params);
  }
  return [...bySteps].map(([step, params]) => ({ step, params })).sort((a, b) => a.step - b.step);
}
