import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CheckpointError, ConfigError } from '../../errors';
import { readSafetensors } from '../../model/safetensors';
import { tf } from '../../tensor/backend';
import { shapeText } from '../../tensor/shape';
import type { PromptInit } from './promptInit';

export type FromPromptInit = { readonly kind: 'fromPrompt'; readonly path: string };

/**
 * A trained prompt as the start of another run: transfer from task to task. `path` is a run's folder or a safetensors
 * file with a tensor `prompt` `[promptLength, dModel]`, or `scaledPrompt`, the prompt with its scale folded in, which is
 * taken where both are there.
 * Reference: Vu et al. 2022 (arXiv 2110.07904), SPoT.
 */
export const fromPrompt: PromptInit<FromPromptInit> = async ({ model, promptLength }, { path: given }) => {
  const isFolder = await stat(given).then(
    (s) => s.isDirectory(),
    () => false,
  );
  const file = isFolder ? path.join(given, 'adapter.safetensors') : given;
  const { tensors } = await readSafetensors(file);
  const prompt = tensors.get('scaledPrompt') ?? tensors.get('prompt');
  if (prompt === undefined)
    throw new CheckpointError(
      `${file}: must hold a tensor 'prompt'; found ${[...tensors.keys()].join(', ')}`,
    );
  const expected = [promptLength, model.config.dModel];
  if (shapeText(prompt.shape) !== shapeText(expected))
    throw new ConfigError(
      `init fromPrompt: ${file}: prompt must be ${shapeText(expected)}; found ${shapeText(prompt.shape)}`,
    );
  return tf.tensor2d(prompt.values, [promptLength, model.config.dModel]);
};
