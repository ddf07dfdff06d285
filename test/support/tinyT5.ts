import type { EncodedExample } from '../../src/model/batch';
import { initT5 } from '../../src/model/checkpoint';
import type { T5Config } from '../../src/model/config';
import type { T5 } from '../../src/model/t5';
import { random } from '../../src/tensor/random';

/** The smallest T5 that has everything: two blocks a stack, two heads, a vocabulary of 48. */
export const tinyConfig: T5Config = {
  vocabulary: 48,
  dModel: 16,
  dKv: 6,
  dFf: 24,
  numHeads: 2,
  numEncoderLayers: 2,
  numDecoderLayers: 2,
  relativeAttentionNumBuckets: 8,
  relativeAttentionMaxDistance: 16,
  layerNormEpsilon: 1e-6,
  feedForward: 'gated-gelu',
  scaleDecoderOutputs: true,
  padTokenId: 0,
  endTokenId: 1,
  decoderStartTokenId: 0,
};

/** A T5 with random weights, the same for the same seed. The caller disposes of it. */
export function tinyT5(seed = 1, config: Partial<T5Config> = {}): T5 {
  return initT5({ ...tinyConfig, ...config }, random(seed));
}

/** Examples of random ids of random lengths, each with its end token; a target repeats its source's first ids. */
export function tinyExamples(count: number, seed = 1): readonly EncodedExample[] {
  const rng = random(`examples ${seed}`);
  const { vocabulary, endTokenId } = tinyConfig;
  return Array.from({ length: count }, () => {
    const ids = Array.from({ length: 3 + rng.integer(6) }, () => 2 + rng.integer(vocabulary - 2));
    return { source: [...ids, endTokenId], target: [...ids.slice(0, 3), endTokenId] };
  });
}
