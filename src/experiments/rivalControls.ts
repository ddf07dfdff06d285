import type { T5 } from '../model/t5';
import { random } from '../tensor/random';
import { initPrompt, type PromptInitConfig } from '../tuning/promptInit';
import { matchedLearningRate } from '../tuning/scaling/matchedLearningRate';
import { fewShotConfig } from './fewShotConfig';

/** SPT, Prompt-Tuning, and what might explain a difference between the two without a trained scale. */
export type RivalName =
  'scaled-prompt-tuning' | 'prompt-tuning' | 'matched-rate' | 'token-rates' | 'input-norm';

/**
 * The same experiment for SPT, plain Prompt-Tuning and their rivals, as inputs of `fewShotConfig`:
 *
 * - `matched-rate`: Prompt-Tuning at the learning rate that moves its prompt as far a step as SPT's (`matchedLearningRate`,
 *   of the first seed's initial prompt);
 * - `token-rates`: Prompt-Tuning in which each token has the rate that its scale would give it (scaling `token-rates`);
 * - `input-norm`: Prompt-Tuning that starts at the input's norm (init `inputNorm`).
 *
 * Folding a scale in after training needs no run: it changes nothing (`foldScaledPrompt`).
 *
 * @param base the experiment without its method, e.g. `{ model, task, shots, seed, length }`.
 * @throws ConfigError as `fewShotConfig` does.
 */
export async function rivalControls(
  model: T5,
  base: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<RivalName, Readonly<Record<string, unknown>>>>> {
  const scaled = { ...base, method: 'scaled-prompt-tuning' };
  const plain = { ...base, method: 'prompt-tuning' };
  const { method, seeds, training } = fewShotConfig(scaled);
  const init = method['init'] as PromptInitConfig;
  const rng = random(seeds[0] ?? 0).fork('init');
  const prompt = await initPrompt({ model, promptLength: method['length'] as number, rng }, init);
  const { learningRate, learningRates } = training;
  const scaleLearningRate = learningRates['scale'] ?? learningRate;
  const matched = await matchedLearningRate(prompt, { learningRate, scaleLearningRate });
  prompt.dispose();
  return {
    'scaled-prompt-tuning': scaled,
    'prompt-tuning': plain,
    'matched-rate': { ...plain, learningRate: matched },
    'token-rates': { ...scaled, scaling: 'token-rates' },
    'input-norm': { ...plain, init: { kind: 'inputNorm', of: init } },
  };
}
