import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors';
import { trainConfig, type TrainConfigInput } from '../../src/training/trainConfig';

const refuses = (change: Record<string, unknown>, message: string): void => {
  const attempt = (): unknown =>
    trainConfig({ steps: 10, learningRate: 0.1, ...change } as unknown as TrainConfigInput);
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(message);
};

describe('trainConfig', () => {
  it('fills in every default, and leaves a complete configuration as it is', () => {
    const config = trainConfig({ steps: 10, learningRate: 0.1 });
    expect(config).toEqual({
      steps: 10,
      batch: 16,
      accumulation: 1,
      optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      learningRate: 0.1,
      learningRates: {},
      schedule: 'constant',
      warmupSteps: 0,
      finalFraction: 0,
      clipNorm: null,
      labelSmoothing: 0,
      evaluateEvery: 100,
      checkpointEvery: 100,
      logEvery: 1,
    });
    expect(trainConfig(config)).toEqual(config);
    expect(trainConfig({ steps: 1, learningRate: 1, optimizer: { name: 'adafactor' } }).optimizer).toEqual({
      name: 'adafactor',
      decayRate: -0.8,
      clipThreshold: 1,
      beta1: null,
      epsilon1: 1e-30,
      epsilon2: 1e-3,
      weightDecay: 0,
      scaleParameter: false,
    });
  });

  it('refuses unknown keys, naming them', () => {
    refuses({ stepz: 5 }, 'training configuration: stepz: is no key; known are steps, batch,');
    refuses(
      { optimizer: { name: 'adamw', decayRate: 1 } },
      'training configuration: optimizer.decayRate: is no key',
    );
  });

  it('refuses values that cannot be, naming the key', () => {
    refuses({ steps: 0 }, 'training configuration: steps: ');
    refuses({ steps: undefined }, 'training configuration: steps: ');
    refuses({ learningRate: -1 }, 'training configuration: learningRate: ');
    refuses({ learningRate: NaN }, 'training configuration: learningRate: ');
    refuses({ learningRates: { scale: 0 } }, 'training configuration: learningRates.scale: ');
    refuses({ optimizer: { name: 'sgd' } }, 'training configuration: optimizer.name: ');
    refuses({ schedule: 'step' }, 'training configuration: schedule: ');
    refuses({ warmupSteps: 11 }, 'training configuration: warmupSteps: must be at most steps');
    refuses({ clipNorm: 0 }, 'training configuration: clipNorm: ');
    refuses({ labelSmoothing: 1 }, 'training configuration: labelSmoothing: ');
    refuses({ batch: 1.5 }, 'training configuration: batch: ');
  });
});
