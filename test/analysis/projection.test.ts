import { describe, expect, it } from 'vitest';
import { embeddingQuality } from '../../src/analysis/embeddingQuality';
import { nearestTokens } from '../../src/analysis/nearestTokens';
import { procrustesDisparity } from '../../src/analysis/procrustes';
import { projection } from '../../src/analysis/projection';
import type { Vectors } from '../../src/analysis/vectors';
import { ConfigError } from '../../src/errors';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';

/** Two clusters far apart, one after the other. */
function clusters(n: number, d: number, seed: number): Vectors {
  const rng = random(seed);
  return Array.from({ length: n }, (_, i) =>
    Float32Array.from({ length: d }, () => (i < n / 2 ? 8 : 0) + rng.normal()),
  );
}
const config = { neighbours: 5, epochs: 61, seeds: [1, 2] } as const;
const plain = (map: Vectors): number[][] => map.map((point) => [...point]);

describe('projection', () => {
  const vectors = clusters(40, 12, 1);
  const found = projection(vectors, config);

  it('repeats itself for the same seed and differs for another', () => {
    expect(plain(projection(vectors, config).umap)).toEqual(plain(found.umap));
    expect(plain(projection(vectors, { ...config, seeds: [2] }).umap)).not.toEqual(plain(found.umap));
  });

  it('keeps clusters together, and says how far the map can be trusted', () => {
    const { umap, pca, quality, explained, disparity } = found;
    for (const map of [umap, pca]) {
      const k = embeddingQuality(vectors, map, 5);
      expect(k.trustworthiness).toBeGreaterThan(0.7);
      expect(k.continuity).toBeGreaterThan(0.7);
      expect(k.neighbourhoodPreservation).toBeGreaterThan(0.2);
    }
    expect(quality.umap).toEqual(embeddingQuality(vectors, umap, 5));
    expect(explained[0]).toBeGreaterThan(0.8);
    expect(disparity).toBeGreaterThan(0);
    expect(disparity).toBeLessThan(1);
    // The first component parts the clusters.
    const sides = pca.map((point) => Math.sign(point[0] as number));
    expect(new Set(sides.slice(0, 20)).size).toBe(1);
    expect(sides[0]).not.toBe(sides[39]);
  });

  it.each([[7], [40]])('sets %i further vectors beside their like, and leaves the fitted map', (count) => {
    const before = plain(found.umap);
    const further = clusters(count * 2, 12, 9).slice(0, count);
    const places = found.transform(further);
    expect(places.length).toBe(count);
    expect(plain(found.umap)).toEqual(before);
    const near = (point: Float32Array, from: number): number =>
      Math.min(
        ...found.umap
          .slice(from, from + 20)
          .map((other) => Math.hypot(...other.map((value, axis) => value - (point[axis] as number)))),
      );
    for (const point of places) expect(near(point, 0)).toBeLessThan(near(point, 20));
  });

  it('refuses too few vectors', () => {
    expect(() => projection(vectors.slice(0, 10), config)).toThrow(ConfigError);
    expect(() => projection(vectors.slice(0, 10), config)).toThrow(
      'projection: there must be more than 10 vectors for 5 neighbours; found 10',
    );
    expect(() => embeddingQuality(vectors, found.umap, 20)).toThrow(
      'k must be at least 1 and below n / 2 = 20',
    );
  });
});

it('procrustesDisparity sees no shift, scale, rotation or reflection', () => {
  const map = clusters(30, 2, 4);
  const turned = map.map(([x = 0, y = 0]) => Float32Array.of(3 - 2 * y, 1 + 2 * x));
  expect(procrustesDisparity(map, turned)).toBeCloseTo(0, 6);
  expect(
    procrustesDisparity(
      map,
      map.map(([x = 0, y = 0]) => Float32Array.of(x, -y)),
    ),
  ).toBeCloseTo(0, 6);
  expect(procrustesDisparity(map, random(3).shuffle(map))).toBeGreaterThan(0.7);
});

it('nearestTokens gives the tokens of greatest cosine', async () => {
  await useBackend('tensorflow');
  const table = tf.tensor2d([0, 0, 1, 0, 0, 5, 1, 1], [4, 2]);
  const model = { weights: new Map([['shared.weight', table]]) } as unknown as T5;
  const before = tf.memory().numTensors;
  const [first, second] = await nearestTokens(model, [Float32Array.of(3, 0.1), Float32Array.of(0, 0)], 2);
  expect(tf.memory().numTensors).toBe(before);
  table.dispose();
  expect(first?.map(({ id }) => id)).toEqual([1, 3]);
  expect(first?.[0]?.cosine).toBeCloseTo(3 / Math.hypot(3, 0.1), 5);
  expect(second?.map(({ cosine }) => cosine)).toEqual([0, 0]);
});
