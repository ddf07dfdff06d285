import { describe, expect, it } from 'vitest';
import { effectiveChange } from '../../src/analysis/effectiveChange';
import { intervene, interventionName, type PromptIntervention } from '../../src/analysis/interventions';
import { norm, norms, type Vectors } from '../../src/analysis/vectors';
import { random } from '../../src/tensor/random';

function gaussians(n: number, d: number, seed: number, shift = 0): Vectors {
  const rng = random(seed);
  return Array.from({ length: n }, () => Float32Array.from({ length: d }, () => shift + rng.normal()));
}
const mean = (vectors: Vectors): number[] =>
  Array.from(vectors[0] as Float32Array, (_, k) =>
    vectors.reduce((sum, vector) => sum + (vector[k] as number) / vectors.length, 0),
  );
const products = (vectors: Vectors): number[] =>
  vectors.flatMap((a) => vectors.map((b) => a.reduce((sum, value, k) => sum + value * (b[k] as number), 0)));
const expectClose = (found: readonly number[], wanted: readonly number[]): void => {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 4));
};

describe('intervene', () => {
  const unscaled = gaussians(6, 8, 1);
  const scales = [2, 0.5, -1, 3, 1, 0.1];
  const prompt = unscaled.map((vector, i) => vector.map((value) => (scales[i] as number) * value));
  const inputs = gaussians(30, 8, 2, 1);
  const nearest = inputs.slice(0, 6);
  const change = (intervention: PromptIntervention): Vectors =>
    intervene(prompt, intervention, { unscaled, inputs, nearest, rng: random(1) });

  it('changes norms alone', () => {
    expectClose(
      [...norms(change({ kind: 'multiply', factor: 0.5 }))],
      [...norms(prompt)].map((x) => x / 2),
    );
    const matched = change({ kind: 'matchNorm' });
    const sorted = [...norms(inputs)].sort((a, b) => a - b);
    const typical = ((sorted[14] as number) + (sorted[15] as number)) / 2;
    expectClose([...norms(matched)], new Array<number>(6).fill(typical));
    matched.forEach((vector, i) => {
      const own = prompt[i] as Float32Array;
      expectClose(
        [...vector],
        [...own].map((value) => (value * typical) / norm(own)),
      );
    });
  });

  it('moves the centroid by a fraction and keeps the shape', () => {
    const moved = change({ kind: 'moveCentroid', fraction: 0.25 });
    const [from, to] = [mean(prompt), mean(inputs)];
    expectClose(
      mean(moved),
      from.map((value, k) => value + 0.25 * ((to[k] as number) - value)),
    );
    const spread = (vectors: Vectors): Vectors => {
      const centre = mean(vectors);
      return vectors.map((vector) => vector.map((value, k) => value - (centre[k] as number)));
    };
    expectClose(products(spread(moved)), products(spread(prompt)));
  });

  it('gives the scales to other tokens', () => {
    const shuffled = change({ kind: 'shuffleScales', seed: 4 });
    const found = shuffled.map((vector, i) => (vector[0] as number) / (unscaled[i]?.[0] as number));
    expectClose(
      [...found].sort((a, b) => a - b),
      [...scales].sort((a, b) => a - b),
    );
    expect(found.some((scale, i) => Math.abs(scale - (scales[i] as number)) > 0.01)).toBe(true);
    expect(() =>
      intervene(unscaled, { kind: 'shuffleScales', seed: 4 }, { unscaled, inputs, nearest, rng: random(1) }),
    ).toThrow('shuffleScales: the prompt has no scales');
  });

  it('goes onto the nearest tokens, and turns without changing the shape', () => {
    expect(change({ kind: 'nearestTokens', fraction: 1 }).map((vector) => [...vector])).toEqual(
      nearest.map((vector) => [...vector]),
    );
    const turned = change({ kind: 'rotate', seed: 3 });
    expectClose(products(turned), products(prompt));
    const cosine = (turned[0] as Float32Array).reduce(
      (sum, value, k) => sum + value * (prompt[0]?.[k] as number),
      0,
    );
    expect(Math.abs(cosine / norm(prompt[0] as Float32Array) ** 2)).toBeLessThan(0.9);
  });

  it('names each intervention once', () => {
    const all: PromptIntervention[] = [
      { kind: 'multiply', factor: 2 },
      { kind: 'matchNorm' },
      { kind: 'moveCentroid', fraction: 0.5 },
      { kind: 'shuffleScales', seed: 1 },
      { kind: 'nearestTokens', fraction: 0.5 },
      { kind: 'rotate', seed: 1 },
    ];
    expect(new Set(all.map(interventionName)).size).toBe(all.length);
  });
});

describe('effectiveChange', () => {
  const times = (vectors: Vectors, factor: number): Vectors => vectors.map((v) => v.map((x) => factor * x));
  const p = gaussians(3, 5, 1);

  it('gives a change to the scale, to P, or shares it out exactly', () => {
    const grown = { step: 1, prompt: p, scaled: times(p, 3) };
    const start = { step: 0, prompt: p, scaled: p };
    const size = norm(p.flatMap((vector) => [...vector]));
    const [byScale] = effectiveChange([start, grown]);
    expect(byScale?.total).toBeCloseTo(2 * size, 4);
    expect(byScale?.scaleShare).toBeCloseTo(1, 6);
    expectClose([...(byScale?.scales ?? [])], [3, 3, 3]);
    const [byPrompt] = effectiveChange([start, { step: 1, prompt: times(p, 2), scaled: times(p, 2) }]);
    expect(byPrompt?.scaleShare).toBeCloseTo(0, 6);
    expect(byPrompt?.total).toBeCloseTo(size, 4);
    // s from 1 to 2 and P doubled: 4p - p = 3p, of which (2 - 1)(p + 2p) / 2 = 1.5p is the scale's.
    const [both] = effectiveChange([start, { step: 1, prompt: times(p, 2), scaled: times(p, 4) }]);
    expect(both?.total).toBeCloseTo(3 * size, 4);
    expect(both?.scale).toBeCloseTo(1.5 * size, 4);
    expect(both?.scaleShare).toBeCloseTo(0.5, 6);
  });

  it('adds up paths, and says nothing of a share where nothing moved', () => {
    const at = (step: number, factor: number): { step: number; prompt: Vectors; scaled: Vectors } => ({
      step,
      prompt: times(p, factor),
      scaled: times(p, factor),
    });
    const [first, second, third] = effectiveChange([at(0, 1), at(5, 2), at(10, 1), at(15, 1)]);
    expectClose(
      [...(second?.paths ?? [])],
      [...norms(p)].map((length) => 2 * length),
    );
    expect(first?.step).toBe(5);
    expect(third).toMatchObject({ total: 0, scaleShare: null });
  });
});
