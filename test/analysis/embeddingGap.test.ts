import { describe, expect, it } from 'vitest';
import { embeddingGap } from '../../src/analysis/embeddingGap';
import type { Vectors } from '../../src/analysis/vectors';
import { ShapeError } from '../../src/errors';

/** A set of vectors that numpy can make as well: a sin(1.3 i + 0.7 j) + b cos(0.4 j). */
function waves(n: number, d: number, a: number, b: number): Vectors {
  return Array.from({ length: n }, (_, i) =>
    Float32Array.from({ length: d }, (_, j) => a * Math.sin(1.3 * i + 0.7 * j) + b * Math.cos(0.4 * j)),
  );
}
const times = (vectors: Vectors, factor: number): Vectors => vectors.map((v) => v.map((x) => factor * x));
const shifted = (vectors: Vectors, by: number): Vectors => vectors.map((v) => v.map((x) => x + by));

describe('embeddingGap', () => {
  const prompt = waves(5, 7, 0.8, 0.3);
  const inputs = waves(12, 7, 0.2, -0.5);
  const { measures, n } = embeddingGap(prompt, inputs);

  it("equals numpy's", () => {
    expect(n).toEqual({ prompt: 5, inputs: 12 });
    expect(measures.centroidGap.value).toBeCloseTo(1.3889060180725938, 6);
    expect(measures.centroidGapNormalised.value).toBeCloseTo(1.1736631297962663, 6);
    expect(measures.cosineOfCentroids.value).toBeCloseTo(-0.9969114716820491, 6);
    expect(measures.normRatio.value).toBeCloseTo(1.79437325831279, 6);
  });

  it('sees a planted scale in the measures that can, and in no other', () => {
    const scaled = embeddingGap(times(prompt, 3), inputs).measures;
    expect(scaled.normRatio.value).toBeCloseTo(3 * (measures.normRatio.value as number), 5);
    expect(scaled.centroidGap.value).not.toBeCloseTo(measures.centroidGap.value as number, 1);
    expect(scaled.cosineOfCentroids.value).toBeCloseTo(measures.cosineOfCentroids.value as number, 6);
    expect(scaled.centroidGapNormalised.value).toBeCloseTo(measures.centroidGapNormalised.value as number, 6);
  });

  it('finds a planted shift of known size, and none between a set and itself', () => {
    const planted = embeddingGap(shifted(inputs, 0.25), inputs).measures;
    expect(planted.centroidGap.value).toBeCloseTo(0.25 * Math.sqrt(7), 6);
    const same = embeddingGap(inputs, inputs).measures;
    expect(same.centroidGap.value).toBe(0);
    expect(same.cosineOfCentroids.value).toBeCloseTo(1, 12);
  });

  it('takes the median of the inputs, which one long vector does not move', () => {
    const even = [1, 2, 4, 1000].map((x) => Float32Array.of(x, 0));
    expect(embeddingGap([Float32Array.of(0, 6)], even).measures.normRatio.value).toBeCloseTo(2, 12);
    expect(embeddingGap([Float32Array.of(0, 6)], even.slice(1)).measures.normRatio.value).toBeCloseTo(
      1.5,
      12,
    );
  });

  it('says why a measure is undefined and gives the others', () => {
    const zero = embeddingGap([new Float32Array(7)], inputs).measures;
    expect(zero.cosineOfCentroids).toEqual({
      value: null,
      reason: 'a centroid is zero and has no direction',
    });
    expect(zero.centroidGapNormalised.value).toBeNull();
    expect(zero.centroidGap.value).toBeGreaterThan(0);
    expect(zero.normRatio.value).toBe(0);
    expect(embeddingGap(inputs, [new Float32Array(7)]).measures.normRatio.value).toBeNull();
  });

  it('refuses sets that cannot be compared', () => {
    expect(() => embeddingGap(prompt, waves(3, 6, 1, 1))).toThrow(ShapeError);
    expect(() => embeddingGap(prompt, waves(3, 6, 1, 1))).toThrow(
      'centroidGap: dimensions must match; prompt [5, 7], inputs [3, 6]',
    );
    expect(() => embeddingGap([], inputs)).toThrow('both sets must hold vectors; found 0 and 12');
  });
});
