import { beforeAll, describe, expect, it } from 'vitest';
import { miniTokenizer } from '../../src/experiments/miniTokenizer';
import { pretrainConfig } from '../../src/experiments/pretrainConfig';
import { pretrainingStream } from '../../src/experiments/pretrainingStream';
import type { EncodedExample } from '../../src/model/batch';
import { createTokenizer, type Tokenizer } from '../../src/model/tokenizer';
import { sentinels } from '../../src/tasks/mini';

const config = pretrainConfig({ vocabulary: 1200, tokenizerExamples: 300 });
const limits = { maxSourceTokens: 120, maxTargetTokens: 50 };
let tokenizer: Tokenizer;
beforeAll(() => {
  tokenizer = createTokenizer(miniTokenizer(config));
});

describe('miniTokenizer', () => {
  it('knows padding, end and sentinels by fixed ids, ends with the end token and reads all spacing alike', () => {
    const ids = tokenizer.encode(`name[The Brotal] <extra_id_0>`);
    expect(ids.at(-1)).toBe(1);
    expect(ids.at(-2)).toBe(3);
    expect(sentinels.map((sentinel) => tokenizer.encode(sentinel))).toEqual(
      sentinels.map((_, i) => [3 + i, 1]),
    );
    expect(tokenizer.encode('food [ Greek ] , near[X] .')).toEqual(tokenizer.encode('food[Greek], near[X].'));
    expect(tokenizer.encode('The £20-25 é 7 ? Zq')).not.toContain(2);
  });
});

describe('pretrainingStream', () => {
  it('is a function of seed and step alone', () => {
    const options = { seed: 4, copySteps: 40, ...limits };
    const forward = pretrainingStream(tokenizer, options);
    const first = [1, 2, 41].map((step) => forward.batch(step, 8));
    const again = pretrainingStream(tokenizer, options);
    expect([41, 2, 1].map((step) => again.batch(step, 8)).reverse()).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    expect(pretrainingStream(tokenizer, { ...options, seed: 5 }).batch(1, 8)).not.toEqual(first[0]);
  });

  it('warms up on copying, then follows the mixture', () => {
    const stream = pretrainingStream(tokenizer, { seed: 1, copySteps: 40, ...limits });
    const prefix = tokenizer.encode('copy:').slice(0, -1).join(' ');
    const share = (from: number): number => {
      const examples = Array.from({ length: 40 }, (_, i) => stream.batch(from + i, 16)).flat();
      return examples.filter(({ source }) => source.join(' ').startsWith(prefix)).length / examples.length;
    };
    // Copies are short, and what is too long is drawn again: their share is above the mixture's 70 %.
    expect(share(1)).toBeGreaterThan(0.65);
    expect(share(1)).toBeLessThan(0.85);
    expect(share(41)).toBeLessThan(0.12);
  });

  it('keeps to the limits and puts similar lengths together', () => {
    const stream = pretrainingStream(tokenizer, { seed: 2, copySteps: 0, ...limits });
    const batches = Array.from({ length: 40 }, (_, i) => stream.batch(i + 1, 16));
    const all = batches.flat();
    expect(all).toHaveLength(640);
    expect(Math.max(...all.map(({ source }) => source.length))).toBeLessThanOrEqual(120);
    expect(Math.max(...all.map(({ target }) => target.length))).toBeLessThanOrEqual(50);
    const padded = (batch: readonly EncodedExample[]): number =>
      batch.length * Math.max(...batch.map(({ source }) => source.length));
    const used = all.reduce((sum, { source }) => sum + source.length, 0);
    expect(used / batches.reduce((sum, batch) => sum + padded(batch), 0)).toBeGreaterThan(0.75);
  });
});
