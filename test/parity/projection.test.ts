import { describe, expect, test } from 'vitest';
import { embeddingQuality } from '../../src/analysis/embeddingQuality';
import { principalComponents } from '../../src/analysis/principalComponents';
import { procrustesDisparity } from '../../src/analysis/procrustes';
import { projection } from '../../src/analysis/projection';
import type { Vectors } from '../../src/analysis/vectors';
import { random } from '../../src/tensor/random';
import { askPython, keepAnswers, keptAnswers, peers } from './askPython';

type MapCase = {
  readonly vectors: Vectors;
  readonly map: Vectors;
  readonly other: Vectors;
  readonly k: number;
  readonly umap: { readonly neighbours: number; readonly minDist: number; readonly epochs: number } | null;
};
type MapAnswer = {
  readonly trustworthiness: number;
  readonly continuity: number;
  readonly neighbourhoodPreservation: number;
  readonly disparity: number;
  readonly explained: readonly number[];
  readonly pca: readonly (readonly number[])[];
  readonly umapTrustworthiness?: number;
};

/** Clusters in d dimensions, and two maps that keep their first dimensions, with noise. */
function mapCases(count: number, seed: string): MapCase[] {
  const rng = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const draw = rng.fork(i);
    const [n, d, k] = [30 + draw.integer(60), draw.choice([2, 5, 20, 120]), 1 + draw.integer(12)];
    const centres = Array.from({ length: 4 }, () =>
      Float32Array.from({ length: d }, () => 3 * draw.normal()),
    );
    const vectors = Array.from({ length: n }, (_, row) =>
      (centres[row % 4] as Float32Array).map((value) => value + draw.normal()),
    );
    const map = (noise: number): Vectors =>
      vectors.map((vector) =>
        Float32Array.from([0, 1], (axis) => (vector[axis] as number) + noise * draw.normal()),
      );
    return { vectors, map: map(0.5), other: map(2), k, umap: null };
  });
}

function reference(cases: readonly MapCase[]): MapAnswer[] {
  const lists = (vectors: Vectors): number[][] => vectors.map((vector) => [...vector]);
  const asked = cases.map(({ vectors, map, other, ...rest }) => ({
    ...rest,
    vectors: lists(vectors),
    map: lists(map),
    other: lists(other),
  }));
  return askPython('projection.py', asked);
}

function expectEqual(cases: readonly MapCase[], answers: readonly MapAnswer[]): void {
  expect(answers).toHaveLength(cases.length);
  cases.forEach(({ vectors, map, other, k }, i) => {
    const answer = answers[i] as MapAnswer;
    const quality = embeddingQuality(vectors, map, k);
    for (const name of ['trustworthiness', 'continuity', 'neighbourhoodPreservation'] as const)
      expect(Math.abs(quality[name] - answer[name]), `case ${i}: ${name}`).toBeLessThan(1e-9);
    expect(Math.abs(procrustesDisparity(map, other) - answer.disparity)).toBeLessThan(1e-9);
    const { points, explained } = principalComponents(vectors);
    explained.forEach((share, axis) => expect(share).toBeCloseTo(answer.explained[axis] as number, 9));
    points.forEach((point, row) =>
      point.forEach((value, axis) =>
        expect(Math.abs(value)).toBeCloseTo(answer.pca[row]?.[axis] as number, 4),
      ),
    );
  });
}

test('equals the stored answers of scikit-learn and scipy', () => {
  const answers = keptAnswers<MapAnswer>('projection');
  expect(answers.length).toBe(8);
  expectEqual(mapCases(8, 'map parity'), answers);
});

describe.skipIf(peers === undefined)('scikit-learn, scipy and umap-learn, live (SPT_PEERS is set)', () => {
  test('40 maps', () => {
    const cases = mapCases(40, 'map parity, live');
    expectEqual(cases, reference(cases));
  });

  // umap-learn compiles itself when it is first called, which takes minutes on a busy machine.
  test("UMAP's trustworthiness is within 0.02 of umap-learn's", { timeout: 600_000 }, () => {
    const [one] = mapCases(1, 'umap') as [MapCase];
    const rng = random('umap vectors');
    const centres = Array.from({ length: 6 }, () => Float32Array.from({ length: 64 }, () => rng.normal()));
    const vectors = Array.from({ length: 300 }, (_, i) =>
      (centres[i % 6] as Float32Array).map((value, k) => value + rng.normal() / Math.sqrt(1 + k / 4)),
    );
    const umap = { neighbours: 15, minDist: 0.1, epochs: 500 };
    const ours = projection(vectors, { ...umap, seeds: [0] });
    const [answer] = reference([{ ...one, vectors, map: ours.umap, other: ours.pca, k: 15, umap }]);
    expect(ours.quality.umap.trustworthiness).toBeCloseTo(answer?.trustworthiness as number, 9);
    const difference = ours.quality.umap.trustworthiness - (answer?.umapTrustworthiness as number);
    expect(Math.abs(difference)).toBeLessThan(0.02);
  });

  test('the stored answers are what they say today', () => {
    const answers = reference(mapCases(8, 'map parity'));
    keepAnswers('projection', answers);
    const stored = keptAnswers<MapAnswer>('projection');
    answers.forEach(({ trustworthiness, continuity, disparity }, i) => {
      expect(stored[i]?.trustworthiness).toBeCloseTo(trustworthiness, 9);
      expect(stored[i]?.continuity).toBeCloseTo(continuity, 9);
      expect(stored[i]?.disparity).toBeCloseTo(disparity, 9);
    });
  });
});
