import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors';
import { fewShotConfig } from '../../src/experiments/fewShotConfig';

const base = { model: 'mini', task: 'mini-e2e', method: 'scaled-prompt-tuning', shots: 10 };

describe('fewShotConfig', () => {
  test('fills in what every prompt method is trained with, and the same for each', () => {
    const scaled = fewShotConfig(base);
    const plain = fewShotConfig({ ...base, method: 'prompt-tuning' });
    expect(scaled.training).toEqual(plain.training);
    expect(scaled.training).toMatchObject({
      batch: 16,
      steps: 600,
      learningRate: 1,
      optimizer: { name: 'adamw', weightDecay: 0 },
      schedule: 'constant',
    });
    expect(scaled.method).toEqual({
      method: 'scaled-prompt-tuning',
      length: 50,
      init: { kind: 'sampledVocabulary' },
      scaling: 'token-wise',
    });
    expect([scaled.seeds, scaled.references, scaled.root, scaled.devSize]).toEqual([[0], 'one', null, null]);
  });

  test('an optimizer by name brings its own learning rate; what is given stays', () => {
    const lora = { ...base, method: 'lora' };
    const adafactor = fewShotConfig({ ...lora, optimizer: 'adafactor' }).training;
    expect([adafactor.optimizer.name, adafactor.learningRate]).toEqual(['adafactor', 1e-3]);
    const given = fewShotConfig({
      ...base,
      optimizer: { name: 'adamw', beta2: 0.95 },
      learningRate: 0.01,
    }).training;
    expect(given).toMatchObject({ optimizer: { beta2: 0.95 }, learningRate: 0.01 });
    expect(fewShotConfig({ ...base, method: 'fine-tuning' }).training.optimizer.name).toBe('adamw');
    // DePT's two rates keep their ratio.
    const { learningRates } = fewShotConfig({ ...base, method: 'dept', learningRate: 0.6 }).training;
    expect(learningRates['A']).toBeCloseTo(1e-3);
  });

  test('seeds, the method’s keys and own learning rates', () => {
    const config = fewShotConfig({
      ...base,
      seed: [4, 2],
      length: 7,
      init: 'uniform',
      learningRates: { scale: 0.01 },
    });
    expect(config.seeds).toEqual([4, 2]);
    expect(config.method).toMatchObject({ length: 7, init: { kind: 'uniform' } });
    expect(config.training.learningRates).toEqual({ scale: 0.01 });
  });

  test.each([
    [{ stpes: 3 }, "config: unknown key 'stpes'; scaled-prompt-tuning knows method, model, task,"],
    [{ method: 'prompt-tuning', scaling: 'token-wise' }, "unknown key 'scaling'; prompt-tuning knows"],
    [{ method: 'nope' }, 'method: must be one of'],
    [{ shots: 0 }, 'config: shots: '],
    [{ shots: undefined }, 'config: shots: '],
    [{ seed: [] }, 'config: seed'],
    [{ length: 0 }, 'config: length: '],
    [{ length: '50' }, 'config: length: '],
    [{ scaling: 3 }, 'config: scaling: Invalid input: expected string'],
    [{ scaling: 'wild' }, 'config: scaling: must be one of none, scalar, token-wise,'],
    [{ method: 'lora', rank: 0 }, 'config: rank: '],
    [{ method: 'lora', targets: ['keys'] }, 'config: targets.0: '],
    [{ method: 'prefix-tuning', init: 'uniform' }, "unknown key 'init'; prefix-tuning knows"],
    [{ init: { kind: 'inputNorm', of: 'zeros' } }, 'config: init.of'],
    [{ init: 'zeros' }, 'config: init.kind: '],
    [{ init: { kind: 'uniform', range: -1 } }, 'config: init.range: '],
    [{ init: { kind: 'uniform', rnage: 1 } }, 'config: init'],
    [{ optimizer: 'sgd' }, 'optimizer'],
    [{ optimizer: { name: 'adamw', beta: 1 } }, 'optimizer'],
    [{ learningRate: -1 }, 'learningRate'],
    [{ steps: 1.5 }, 'steps'],
  ])('%j is refused', (change, message) => {
    expect(() => fewShotConfig({ ...base, ...change })).toThrow(ConfigError);
    expect(() => fewShotConfig({ ...base, ...change })).toThrow(message);
  });
});
