import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gapOfRun, runGapDefaults } from '../../src/experiments/gapOfRun';
import { initT5 } from '../../src/model/checkpoint';
import { resolveModel } from '../../src/model/hub';
import { modelShape } from '../../src/model/shapes';
import { loadTokenizer } from '../../src/model/tokenizer';
import { readTask } from '../../src/tasks';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { modelIdentity } from '../../src/training/modelIdentity';
import { environment, openRun, writeAdapter } from '../../src/training/runStore';
import { trainConfig } from '../../src/training/trainConfig';
import { methodNamed } from '../../src/tuning';
import { temporaryFolder } from '../support/temporaryFolder';

const inputs = process.env['SPT_SCALE'];

test.skipIf(inputs === undefined)(
  'T5-large with random weights: every layer and head before and after the scale, in 60 minutes and 12 GiB (SPT_SCALE is the number of inputs)',
  async () => {
    await useBackend();
    const tokenizer = await loadTokenizer(join(resolveModel('mini'), 'tokenizer.json'));
    const model = { ...initT5(modelShape('t5-large'), random('gap at scale')), tokenizer };
    const { numEncoderLayers, numHeads } = model.config;
    const method = { ...methodNamed('scaled-prompt-tuning').defaults, length: 50, init: { kind: 'uniform' } };
    const config = { method: 'scaled-prompt-tuning', ...method };
    const folder = temporaryFolder();
    const params = await methodNamed(config.method).init(model, config, random(1));
    await openRun(
      folder,
      {
        context: {},
        model: await modelIdentity(model),
        method: config,
        training: trainConfig({ steps: 1, learningRate: 0.3 }),
        seed: 1,
        train: null,
        dev: null,
      },
      environment(),
    );
    await writeAdapter(folder, params);
    tf.dispose(params);

    const examples = readTask('mini-e2e', 'train').slice(0, Number(inputs));
    expect(examples).toHaveLength(Number(inputs));
    const layers = [...Array(numEncoderLayers).keys()];
    const start = performance.now();
    const gap = await gapOfRun(model, folder, examples, {
      ...runGapDefaults,
      ...{ layers, heads: true, beforeAfter: true },
    });
    const minutes = (performance.now() - start) / 60_000;
    const gibibytes = process.resourceUsage().maxRSS / 2 ** 20;
    process.stderr.write(`${inputs} inputs: ${minutes.toFixed(1)} min, ${gibibytes.toFixed(1)} GiB\n`);
    model.dispose();

    expect(gap.sets.map(({ part }) => part)).toEqual(['prompt', 'scaled', 'untrained', 'vocabulary']);
    // Before and after: each layer's output, and queries, keys and values of each head.
    expect(gap.sites).toHaveLength(2 * numEncoderLayers * (1 + 3 * numHeads));
    expect(minutes).toBeLessThan(60);
    expect(gibibytes).toBeLessThan(12);
  },
  3 * 3_600_000,
);
