import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError, ConfigError } from '../../errors';
import { readSafetensors } from '../../model/safetensors';
import { tf } from '../../tensor/backend';
import { shapeText } from '../../tensor/shape';
import { scalingNamed } from '../scaling';
import type { PromptInit } from './promptInit';

export type FromPromptInit = { readonly kind: 'fromPrompt'; readonly path: string };

/** What is read of a run's config.json. */
const runSchema = z.object({ method: z.object({ method: z.string(), scaling: z.string().optional() }) });

async function scalingOf(run: string): Promise<string | undefined> {
  const file = join(run, 'config.json');
  try {
    return runSchema.parse(JSON.parse(await readFile(file, 'utf8'))).method.scaling;
  } catch (error) {
    throw new CheckpointError(
      `init fromPrompt: ${file}: must be a run's config; ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * The prompt of a finished run as another's start: transfer from task to task. A scale is folded in, so the new run
 * starts at s * P, whatever its own method.
 * Reference: Vu et al. 2022 (arXiv 2110.07904), SPoT; "intermediate SPT" of arXiv 2309.06759.
 *
 * @throws ConfigError for another shape or a scaling that does not fold, CheckpointError where there is no such run.
 */
export const fromPrompt: PromptInit<FromPromptInit> = async ({ model, promptLength }, { path: run }) => {
  const scaling = await scalingOf(run);
  const file = join(run, 'adapter.safetensors');
  const { tensors } = await readSafetensors(file);
  const prompt = tensors.get('prompt');
  if (prompt === undefined)
    throw new CheckpointError(
      `${file}: must hold a tensor 'prompt'; found ${[...tensors.keys()].join(', ')}`,
    );
  const shape: [number, number] = [promptLength, model.config.dModel];
  if (shapeText(prompt.shape) !== shapeText(shape))
    throw new ConfigError(
      `init fromPrompt: ${file}: prompt must be ${shapeText(shape)}; found ${shapeText(prompt.shape)}`,
    );
  if (scaling === undefined) return tf.tensor2d(prompt.values, shape);
  const { folds, apply } = scalingNamed(scaling);
  if (!folds)
    throw new ConfigError(
      `init fromPrompt: ${run}: a prompt scaled by '${scaling}' depends on its input and cannot be taken over`,
    );
  return tf.tidy(() => {
    const stacked = Object.fromEntries(
      [...tensors].map(([name, tensor]) => [name, tf.tensor(tensor.values, [1, ...tensor.shape])]),
    );
    return apply(stacked['prompt'] as tf.Tensor3D, stacked, () =>
      tf.zeros([1, shape[1]]),
    ).squeeze<tf.Tensor2D>([0]);
  });
};
