import { afterAll, beforeAll, expect, test } from 'vitest';
import { fewShotConfig } from '../../src/experiments/fewShotConfig';
import { rivalControls } from '../../src/experiments/rivalControls';
import type { EncodedExample } from '../../src/model/batch';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { train } from '../../src/training/trainer';
import { methodNamed } from '../../src/tuning';
import { foldScaledPrompt } from '../../src/tuning/scaling/foldScaledPrompt';
import { scalingNamed } from '../../src/tuning/scaling';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5(1, { scaleDecoderOutputs: true });
});
afterAll(() => model.dispose());

/** How far one step of AdamW moves what the model reads, as a root mean square. */
async function firstStep(
  input: Readonly<Record<string, unknown>>,
  examples: readonly EncodedExample[],
): Promise<number> {
  const { method: config, training, seeds } = fewShotConfig(input);
  const method = methodNamed(config.method);
  const read = (params: Readonly<Record<string, tf.Tensor>>): tf.Tensor2D =>
    foldScaledPrompt(scalingNamed((config['scaling'] as string | undefined) ?? 'none'), params);
  const [seed = 0] = seeds;
  const before = await method.init(model, config, random(seed).fork('init'));
  const run = { seed, train: examples };
  const { params } = await train(model, method, config, run, { ...training, steps: 1, batch: 4 });
  const moved = tf.tidy(() => tf.sqrt(tf.mean(tf.square(tf.sub(read(params), read(before))))).dataSync()[0]);
  tf.dispose([before, params]);
  return moved as number;
}

test('the matched and the token rates move the prompt as far as SPT, plain Prompt-Tuning less', async () => {
  const base = {
    model: 'tiny',
    task: 'mini-e2e',
    shots: 4,
    length: 8,
    optimizer: { name: 'adamw', weightDecay: 0 },
    learningRate: 0.001,
  };
  const rivals = await rivalControls(model, base);
  const examples = tinyExamples(4);
  const steps: Record<string, number> = {};
  for (const [name, input] of Object.entries(rivals)) steps[name] = await firstStep(input, examples);
  const scaled = steps['scaled-prompt-tuning'] as number;
  expect((steps['prompt-tuning'] as number) / scaled).toBeLessThan(0.85);
  // The two parts' signs are only nearly independent.
  expect((steps['matched-rate'] as number) / scaled).toBeGreaterThan(0.9);
  expect((steps['matched-rate'] as number) / scaled).toBeLessThan(1.1);
  expect((steps['token-rates'] as number) / scaled).toBeGreaterThan(0.9);
  expect((steps['token-rates'] as number) / scaled).toBeLessThan(1.1);
  expect(rivals['input-norm']).toMatchObject({
    method: 'prompt-tuning',
    init: { kind: 'inputNorm', of: { kind: 'sampledVocabulary' } },
  });
});
