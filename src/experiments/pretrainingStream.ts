import type { EncodedExample } from '../model/batch';
import type { Tokenizer } from '../model/tokenizer';
import { defaultMixture, pretrainingExample, warmUpMixture, type Mixture } from '../tasks/mini';
import { random, type Random } from '../tensor/random';

export type PretrainingStreamOptions = {
  readonly seed: number;
  /** Steps on the warm-up mixture; rounded up to whole chunks. */
  readonly copySteps: number;
  readonly maxSourceTokens: number;
  readonly maxTargetTokens: number;
  readonly mixture?: Mixture;
};

/** Batches that are drawn, sorted by length and cut together, so that little of a batch is padding. */
const batchesPerChunk = 40;

/** `count` encoded examples of a mixture; longer ones than allowed are drawn again. */
export function encodedExamples(
  tokenizer: Tokenizer,
  rng: Random,
  mixture: Mixture,
  count: number,
  { maxSourceTokens, maxTargetTokens }: Pick<PretrainingStreamOptions, 'maxSourceTokens' | 'maxTargetTokens'>,
): EncodedExample[] {
  const examples: EncodedExample[] = [];
  while (examples.length < count) {
    const example = pretrainingExample(rng, mixture);
    const source = tokenizer.encode(example.source);
    const target = tokenizer.encode(example.target);
    if (source.length <= maxSourceTokens && target.length <= maxTargetTokens)
      examples.push({ source, target });
  }
  return examples;
}

/** A chunk's batches: similar lengths together, in a random order. */
function lengthBatches(examples: readonly EncodedExample[], size: number, rng: Random): EncodedExample[][] {
  const length = ({ source, target }: EncodedExample): number => source.length + target.length;
  const sorted = examples.toSorted((a, b) => length(a) - length(b));
  const batches: EncodedExample[][] = [];
  for (let start = 0; start < sorted.length; start += size) batches.push(sorted.slice(start, start + size));
  return rng.shuffle(batches);
}

/**
 * The endless stream of pretraining examples: a pure function of seed and step (counted from 1). The first
 * `copySteps` steps are drawn from the warm-up mixture, in which copying forms, the others from `mixture`.
 */
export function pretrainingStream(
  tokenizer: Tokenizer,
  options: PretrainingStreamOptions,
): { batch(step: number, size: number): readonly EncodedExample[] } {
  let current: { readonly key: string; readonly batches: readonly EncodedExample[][] } | undefined;
  return {
    batch: (step, size) => {
      const chunk = Math.floor((step - 1) / batchesPerChunk);
      const key = `${chunk} of ${size}`;
      if (current?.key !== key) {
        const rng = random(options.seed).fork('examples').fork(chunk);
        const warmsUp = chunk * batchesPerChunk < options.copySteps;
        const mixture = warmsUp ? warmUpMixture : (options.mixture ?? defaultMixture);
        const examples = encodedExamples(tokenizer, rng, mixture, size * batchesPerChunk, options);
        current = { key, batches: lengthBatches(examples, size, rng) };
      }
      return current.batches[(step - 1) % batchesPerChunk] as EncodedExample[];
    },
  };
}
