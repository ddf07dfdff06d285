import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CheckpointError, ConfigError } from '../../errors';
import { readSafetensors } from '../../model/safetensors';
import { tf } from '../../tensor/backend';
import { shapeText } from '../../tensor/shape';
import { scalingNamed } from '../scaling';
import { foldScaledPrompt } from '../scaling/foldScaledPrompt';
import type { PromptInit } from './promptInit';

export type FromPromptInit = { readonly kind: 'fromPrompt'; readonly path: string };

/** What is read of a run's config.json. */
const runSchema = z.object({ method: z.object({ method: z.string(), scaling: z.string().optional() }) });

/** The scaling variant of a run of Prompt-Tuning (none) or SPT. */
async function scalingOfRun(run: string): Promise<string> {
  const file = join(run, 'config.json');
  let method: z.infer<typeof runSchema>['method'];
  try {
    ({ method } = runSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
  } catch (error) {
    throw new CheckpointError(
      `init fromPrompt: ${file}: must be a run's config; ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  if (method.scaling !== undefined) return method.scaling;
  if (method.method === 'prompt-tuning') return 'none';
  throw new ConfigError(
    `init fromPrompt: ${run}: must be a run of prompt-tuning or scaled-prompt-tuning; found ${method.method}`,
  );
}

/**
 * The prompt of a finished run as another's start: transfer from task to task. A scale is folded in, so the new run
 * starts at s * P, whatever its own method.
 * Reference: Vu et al. 2022 (arXiv 2110.07904), SPoT; "intermediate SPT" of arXiv 2309.06759.
 *
 * @throws ConfigError for another shape or a scaling that does not fold, CheckpointError where there is no such run.
 */
export const fromPrompt: PromptInit<FromPromptInit> = async ({ model, promptLength }, { path: run }) => {
  const scaling = await scalingOfRun(run);
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
  return tf.tidy(() => {
    const params = Object.fromEntries(
      [...tensors].map(([name, { values, shape: own }]) => [name, tf.tensor(values, [...own])]),
    );
    return foldScaledPrompt(scalingNamed(scaling), params);
  });
};
