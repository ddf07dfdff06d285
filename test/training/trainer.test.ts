import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { train, trainPopulation } from '../../src/training/trainer';
import type { TrainConfigInput } from '../../src/training/trainConfig';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => {
  model.dispose();
});

const spt = { ...scaledPromptTuning.defaults, length: 4 };
const config: TrainConfigInput = {
  steps: 50,
  batch: 4,
  learningRate: 0.3,
  learningRates: { scale: 0.05 },
  optimizer: { name: 'adafactor' },
  clipNorm: 1,
  evaluateEvery: 25,
};
const lossesOf = (metrics: readonly object[]): number[] =>
  metrics.filter((m): m is { loss: number } => 'loss' in m).map(({ loss }) => loss);

describe('a population', () => {
  it.each(['adafactor', 'adamw'] as const)('of 8 runs equals 8 single runs (%s)', async (name) => {
    const runs = Array.from({ length: 8 }, (_, seed) => ({
      seed,
      train: tinyExamples(10 + seed, seed),
      dev: tinyExamples(3 + seed, 100 + seed),
    }));
    const settings = { ...config, optimizer: { name } };
    const together = await trainPopulation(model, scaledPromptTuning, spt, runs, settings);
    expect(together.stopped).toBe(false);
    let worst = 0;
    for (const [i, run] of runs.entries()) {
      const alone = await train(model, scaledPromptTuning, spt, run, settings);
      const member = together.runs[i];
      const [a, b] = [lossesOf(alone.metrics), lossesOf(member?.metrics ?? [])];
      expect(a).toHaveLength(50);
      a.forEach((loss, step) => {
        worst = Math.max(worst, Math.abs((b[step] as number) / loss - 1));
      });
      expect(member?.best?.devLoss).toBeCloseTo(alone.best?.devLoss as number, 3);
      expect(Math.min(...a.slice(-5))).toBeLessThan(a[0] as number);
      tf.dispose(alone.params);
    }
    console.log(`population of 8 against 8 single runs, ${name}: worst relative difference ${worst}`);
    expect(worst).toBeLessThan(1e-4);
    tf.dispose(together.runs.map(({ params }) => params));
  });
});
