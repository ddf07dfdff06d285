import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { promptVectors } from '../../src/analysis/promptVectors';
import { encodeExamples } from '../../src/experiments/encodeText';
import { gapOfRun, runGapDefaults } from '../../src/experiments/gapOfRun';
import { interventionCurve, standardInterventions } from '../../src/experiments/interventionCurve';
import { loadT5 } from '../../src/model/checkpoint';
import type { Example } from '../../src/tasks/task';
import { tf, useBackend } from '../../src/tensor/backend';
import { loadAdapter } from '../../src/training/runStore';
import { train } from '../../src/training/trainer';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { writeTinyModel } from '../cli/tinyModel';
import { temporaryFolder } from '../support/temporaryFolder';

beforeAll(async () => {
  await useBackend('tensorflow');
});

const examples: readonly Example[] = Array.from({ length: 6 }, (_, i) => ({
  id: String(i),
  source: `name[x${i}]`,
  target: `the area ${i}.`,
  references: [`the area ${i}.`],
  meta: {},
}));

it('gives gap, loss and score after each intervention of a trained run, and leaves no tensor', async () => {
  const folder = temporaryFolder();
  await writeTinyModel(join(folder, 'model'));
  const model = await loadT5(join(folder, 'model'));
  const out = join(folder, 'run');
  const config = { ...scaledPromptTuning.defaults, length: 4 };
  const pairs = encodeExamples(model, examples);
  const { params } = await train(
    model,
    scaledPromptTuning,
    config,
    { seed: 1, train: pairs },
    {
      steps: 3,
      batch: 2,
      learningRate: 0.3,
    },
    { out },
  );
  tf.dispose(params);
  const before = tf.memory().numTensors;
  const points = await interventionCurve(model, out, examples, {
    interventions: standardInterventions,
    metrics: ['bleu'],
    measures: ['centroidGap', 'normRatio'],
    generate: { generation: { maxNewTokens: 4 } },
    seed: 0,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(points.length).toBe(standardInterventions.length);
  const [unchanged] = points;
  for (const { name, loss, scores, gap, intervention } of points) {
    expect(loss, name).toBeGreaterThan(0);
    expect(Number.isFinite(scores['bleu']), name).toBe(true);
    if (intervention.kind === 'multiply')
      expect(gap.normRatio, name).toBeCloseTo(intervention.factor * (unchanged?.gap.normRatio as number), 4);
    if (intervention.kind === 'moveCentroid')
      expect(gap.centroidGap, name).toBeCloseTo(
        (1 - intervention.fraction) * (unchanged?.gap.centroidGap as number),
        4,
      );
  }
  expect(new Set(points.map(({ loss }) => loss)).size).toBeGreaterThan(points.length / 2);
  // The first point is the run itself: what it reads, measured where its vectors are.
  const adapter = await loadAdapter(out);
  const { scaled } = await promptVectors(config, adapter.params);
  tf.dispose(adapter.params);
  const gap = await gapOfRun(model, out, examples, {
    ...runGapDefaults,
    layers: [],
    heads: false,
    beforeAfter: false,
    permutations: 0,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(gap.n.prompt).toBe(scaled.length);
  expect(gap.measures.normRatio.value).toBeCloseTo(unchanged?.gap.normRatio as number, 1);
  model.dispose();
});
