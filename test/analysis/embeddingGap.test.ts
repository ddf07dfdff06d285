import { describe, expect, it } from 'vitest';
import { embeddingGap, type GapMeasure, gapMeasures } from '../../src/analysis/embeddingGap';
import { linearCka } from '../../src/analysis/linearCka';
import type { Vectors } from '../../src/analysis/vectors';
import { DataError, ShapeError } from '../../src/errors';
import { random } from '../../src/tensor/random';

/** A set of vectors that numpy can make as well: a sin(1.3 i + 0.7 j) + b cos(0.4 j). */
function waves(n: number, d: number, a: number, b: number): Vectors {
  return Array.from({ length: n }, (_, i) =>
    Float32Array.from({ length: d }, (_, j) => a * Math.sin(1.3 * i + 0.7 * j) + b * Math.cos(0.4 * j)),
  );
}
function gaussians(n: number, d: number, seed: number): Vectors {
  const rng = random(seed);
  return Array.from({ length: n }, () => Float32Array.from({ length: d }, () => rng.normal()));
}
const times = (vectors: Vectors, factor: number): Vectors => vectors.map((v) => v.map((x) => factor * x));
const shifted = (vectors: Vectors, by: number): Vectors => vectors.map((v) => v.map((x) => x + by));
const valuesOnly = { permutations: 0, floorDraws: 0, intervals: false } as const;
const values = (prompt: Vectors, inputs: Vectors): Record<GapMeasure, number | null> => {
  const { measures } = embeddingGap(prompt, inputs, valuesOnly);
  return Object.fromEntries(Object.entries(measures).map(([name, { value }]) => [name, value])) as Record<
    GapMeasure,
    number | null
  >;
};

describe('embeddingGap', () => {
  const prompt = waves(5, 7, 0.8, 0.3);
  const inputs = waves(12, 7, 0.2, -0.5);
  const measured = values(prompt, inputs);

  it("equals numpy's", () => {
    expect(embeddingGap(prompt, inputs, valuesOnly).n).toEqual({ prompt: 5, inputs: 12 });
    expect(measured.centroidGap).toBeCloseTo(1.3889060180725938, 6);
    expect(measured.centroidGapNormalised).toBeCloseTo(1.1736631297962663, 6);
    expect(measured.cosineOfCentroids).toBeCloseTo(-0.9969114716820491, 6);
    expect(measured.normRatio).toBeCloseTo(1.79437325831279, 6);
  });

  it('finds a planted shift of known size, and none between a set and itself', () => {
    expect(values(shifted(inputs, 0.25), inputs).centroidGap).toBeCloseTo(0.25 * Math.sqrt(7), 6);
    const same = values(inputs, inputs);
    expect(same.centroidGap).toBe(0);
    expect(same.cosineOfCentroids).toBeCloseTo(1, 12);
    expect(same.energyDistance).toBeCloseTo(0, 12);
    expect(same.slicedWasserstein).toBe(0);
    expect(same.nearestTokenCosine).toBeCloseTo(1, 12);
  });

  it('takes the median of the inputs, which one long vector does not move', () => {
    const even = [1, 2, 4, 1000].map((x) => Float32Array.of(x, 0));
    expect(values([Float32Array.of(0, 6)], even).normRatio).toBeCloseTo(2, 12);
    expect(values([Float32Array.of(0, 6)], even.slice(1)).normRatio).toBeCloseTo(1.5, 12);
  });

  it('sees a planted scale in the measures that can, and in no other', () => {
    const p = gaussians(20, 30, 1);
    const x = gaussians(80, 30, 2);
    const [plain, scaled] = [values(p, x), values(times(p, 3), x)];
    const blind = [
      'centroidGapNormalised',
      'cosineOfCentroids',
      'nearestTokenCosine',
      'anisotropy',
      'isoScore',
      'effectiveRank',
    ] as const;
    for (const name of Object.keys(gapMeasures) as GapMeasure[]) {
      const change = Math.abs((scaled[name] as number) - (plain[name] as number));
      const isBlind = (blind as readonly string[]).includes(name);
      if (isBlind) expect(change, name).toBeLessThan(1e-6);
      else expect(change, name).toBeGreaterThan(0.005);
    }
    expect(scaled.normRatio).toBeCloseTo(3 * (plain.normRatio as number), 5);
    expect(linearCka(times(x, 3), x)).toBeCloseTo(1, 12);
    expect(linearCka(gaussians(80, 30, 3), x)).toBeLessThan(0.6);
  });

  it('gives every measure an interval around its value or the reason for none, a p-value and a floor', () => {
    const { measures } = embeddingGap(shifted(gaussians(20, 30, 1), 0.7), gaussians(80, 30, 2), {
      permutations: 99,
    });
    for (const [name, { value, interval, pValue, floor, reason }] of Object.entries(measures)) {
      const measure = gapMeasures[name as GapMeasure];
      expect(floor, name).not.toBeNull();
      if (interval === null) expect(reason, name).toMatch(/^no interval: /);
      else {
        expect(interval[0], name).toBeLessThan(value as number);
        expect(interval[1], name).toBeGreaterThanOrEqual(value as number);
      }
      if (measure.tail === null) expect(pValue, name).toBeNull();
      else expect(pValue, name).toBeGreaterThanOrEqual(0.01);
    }
    for (const name of ['centroidGap', 'mmdSquared', 'energyDistance', 'probeAuc'] as const)
      expect(measures[name].pValue, name).toBe(0.01);
    expect(measures.centroidGap.value).toBeGreaterThan(2 * (measures.centroidGap.floor as number));
  });

  it('repeats itself for the same seed', () => {
    const again = (): unknown => embeddingGap(prompt, inputs, { permutations: 49, seed: 3 });
    expect(again()).toEqual(again());
  });

  it('resamples sentences: tokens that repeat their sentence make nothing surer', () => {
    const sentences = gaussians(30, 10, 5);
    const copies = sentences.flatMap((vector) => [vector, vector, vector, vector]);
    const units = { inputs: copies.map((_, i) => Math.floor(i / 4)) };
    const options = { measures: ['centroidGap', 'energyDistance'], permutations: 199 } as const;
    // Many prompt vectors, so that most of the error is the inputs'.
    const p = shifted(gaussians(60, 10, 6), 0.3);
    const once = embeddingGap(p, sentences, options).measures;
    const clustered = embeddingGap(p, copies, { ...options, units }).measures;
    const careless = embeddingGap(p, copies, options).measures;
    const width = ({ interval }: { readonly interval: readonly [number, number] | null }): number =>
      interval === null ? NaN : interval[1] - interval[0];
    expect(clustered.centroidGap.value).toBeCloseTo(once.centroidGap.value as number, 9);
    expect(width(clustered.centroidGap)).toBeCloseTo(width(once.centroidGap), 9);
    expect(clustered.centroidGap.pValue).toBe(once.centroidGap.pValue);
    expect(width(careless.centroidGap)).toBeLessThan(0.9 * width(clustered.centroidGap));
  });

  it('says why a measure is undefined and gives the others', () => {
    const zero = embeddingGap([new Float32Array(7)], inputs).measures;
    expect(zero.cosineOfCentroids).toMatchObject({
      value: null,
      interval: null,
      reason: 'a centroid is zero and has no direction',
    });
    expect(zero.centroidGapNormalised.value).toBeNull();
    expect(zero.centroidGap.value).toBeGreaterThan(0);
    expect(zero.centroidGap.interval).toBeNull();
    expect(zero.normRatio.value).toBe(0);
    expect(values(inputs, [new Float32Array(7)]).normRatio).toBeNull();
  });

  it.each([
    ['one vector against one', waves(1, 4, 1, 0), waves(1, 4, 0.5, 1)],
    ['two against two', waves(2, 4, 1, 0), waves(2, 4, 0.5, 1)],
    ['constant against constant', waves(6, 4, 0, 1), waves(9, 4, 0, 1)],
    ['zeros against zeros', waves(6, 4, 0, 0), waves(9, 4, 0, 0)],
    ['constant against varied', waves(6, 4, 0, 1), waves(9, 4, 0.5, 1)],
    ['one dimension', waves(6, 1, 1, 1), waves(9, 1, 0.5, 1)],
  ])('stays finite or says why not: %s', (_, p, x) => {
    const { measures } = embeddingGap(p, x, { permutations: 19 });
    expect(measures.centroidGap.value).toBeGreaterThanOrEqual(0);
    for (const [name, { value, interval, pValue, floor, reason }] of Object.entries(measures)) {
      for (const number of [value, ...(interval ?? []), pValue, floor])
        if (number !== null) expect(Number.isFinite(number), `${name}: ${number}`).toBe(true);
      if (value === null) expect(reason, name).toMatch(/\w/);
    }
  });

  it('refuses sets that cannot be compared', () => {
    expect(() => embeddingGap(prompt, waves(3, 6, 1, 1))).toThrow(ShapeError);
    expect(() => embeddingGap(prompt, waves(3, 6, 1, 1))).toThrow(
      'embeddingGap: dimensions must match; prompt [5, 7], inputs [3, 6]',
    );
    expect(() => embeddingGap([], inputs)).toThrow('both sets must hold vectors; found 0 and 12');
    const broken = [...inputs, Float32Array.of(0, 0, NaN, 0, 0, 0, 0)];
    expect(() => embeddingGap(prompt, broken)).toThrow(DataError);
    expect(() => embeddingGap(prompt, broken)).toThrow('inputs [12, 2] is NaN');
  });
});
