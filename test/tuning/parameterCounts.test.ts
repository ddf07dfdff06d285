import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors';
import { modelShape } from '../../src/model/shapes';
import { adapter } from '../../src/tuning/adapter';
import { bitFit } from '../../src/tuning/bitFit';
import { compacter } from '../../src/tuning/compacter';
import { dept } from '../../src/tuning/dept';
import { fineTuning } from '../../src/tuning/fineTuning';
import { ia3 } from '../../src/tuning/ia3';
import { lora } from '../../src/tuning/lora';
import { parameterCount, type TuningMethod } from '../../src/tuning/method';
import { prefixTuning } from '../../src/tuning/prefixTuning';
import { promptTuning } from '../../src/tuning/promptTuning';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';

/** As published, or as peft 0.21.2 and adapters 1.3.0 count on T5-large. */
const onT5Large: readonly (readonly [TuningMethod, object, number])[] = [
  [fineTuning, {}, 737_668_096],
  [promptTuning, {}, 51_200],
  [scaledPromptTuning, {}, 51_250],
  [scaledPromptTuning, { scaling: 'dimension-wise' }, 52_224],
  [scaledPromptTuning, { scaling: 'element-wise' }, 102_400],
  [scaledPromptTuning, { scaling: 'frozen-prompt' }, 50],
  [ia3, {}, 344_064],
  [compacter, {}, 429_120],
  [compacter, { layerNorms: false }, 304_192],
  [lora, {}, 2_359_296],
  [adapter, { placement: 'pfeiffer' }, 6_343_680],
  [adapter, {}, 12_687_360],
  [adapter, { reduction: 32 }, 6_392_832],
  [prefixTuning, { reparametrised: false }, 4_423_680],
  [bitFit, {}, 665_600],
  [dept, {}, 51_200],
] as readonly (readonly [TuningMethod, object, number])[];

test.each(
  onT5Large.map(([method, changes, count]) => [method.name, JSON.stringify(changes), count, method] as const),
)('%s %s trains %d numbers on T5-large', (_, changes, count, method) => {
  const config = { ...method.defaults, ...(JSON.parse(changes) as object) };
  expect(parameterCount(method, modelShape('t5-large'), config)).toBe(count);
});

describe('modelShape', () => {
  test.each([
    ['t5-small', 60_506_624],
    ['google-t5/t5-base', 222_903_552],
    ['google/t5-v1_1-base', 247_577_856],
    ['google/flan-t5-xl', 2_849_757_184],
    ['t5-11b', 11_307_321_344],
  ])('%s has %d parameters', (name, count) => {
    expect(parameterCount(fineTuning, modelShape(name), fineTuning.defaults)).toBe(count);
  });

  test('an unknown name is looked for as a model', () => {
    expect(() => modelShape('t5-huge')).toThrow(ConfigError);
    expect(modelShape('mini')).toMatchObject({ dModel: 128 });
  });
});
