import { describe, expect, test } from 'vitest';
import { embeddingGap, type GapMeasure } from '../../src/analysis/embeddingGap';
import { linearCka } from '../../src/analysis/linearCka';
import { probeFolds } from '../../src/analysis/probe';
import { directions } from '../../src/analysis/slicedWasserstein';
import { space } from '../../src/analysis/space';
import type { Vectors } from '../../src/analysis/vectors';
import { random, type Random } from '../../src/tensor/random';
import { askPython, keepAnswers, keptAnswers, peers } from './askPython';

type GapCase = {
  readonly prompt: Vectors;
  readonly inputs: Vectors;
  readonly layers: readonly [Vectors, Vectors];
};
type GapAnswer = { readonly measures: Readonly<Record<GapMeasure, number>>; readonly linearCka: number };

/** Vectors whose dimensions differ in spread, as embeddings' do: normal, times a scale, plus a shift of each dimension. */
function gaussians(n: number, d: number, scale: number, shift: number, rng: Random): Vectors {
  return Array.from({ length: n }, () =>
    Float32Array.from(
      { length: d },
      (_, k) => (scale * rng.normal()) / Math.sqrt(1 + k / 4) + shift * Math.cos(k),
    ),
  );
}

/** Sets of many sizes: more dimensions than vectors, fewer, equal sets, sets far apart, large and small numbers. */
function gapCases(count: number, seed: string): GapCase[] {
  const rng = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const draw = rng.fork(i);
    const [n, m, d] = [5 + draw.integer(30), 12 + draw.integer(90), draw.choice([2, 3, 16, 40, 130])];
    const unit = draw.choice([0.05, 1, 30]);
    const prompt = gaussians(n, d, unit * draw.choice([0.5, 1, 3]), unit * draw.choice([0, 0.3, 2]), draw);
    const inputs = gaussians(m, d, unit, unit * draw.choice([0, 0.3]), draw);
    const layer = gaussians(m, 7, unit, 1, draw).map((vector, row) =>
      vector.map((value, k) => value + (inputs[row]?.[k % d] as number)),
    );
    return { prompt, inputs, layers: [inputs, layer] };
  });
}

function reference(cases: readonly GapCase[]): GapAnswer[] {
  const lists = (vectors: Vectors): number[][] => vectors.map((vector) => [...vector]);
  const asked = cases.map(({ prompt, inputs, layers }) => {
    const both = space(prompt, inputs);
    const lines = directions(both.d);
    return {
      prompt: lists(prompt),
      inputs: lists(inputs),
      directions: Array.from({ length: lines.length / both.d }, (_, i) => [
        ...lines.subarray(i * both.d, (i + 1) * both.d),
      ]),
      folds: [...(probeFolds(both, new Uint8Array(both.n).fill(1, 0, prompt.length)) as Int32Array)],
      layers: layers.map(lists),
    };
  });
  return askPython('gap.py', asked);
}

function expectEqual(cases: readonly GapCase[], answers: readonly GapAnswer[]): void {
  expect(answers).toHaveLength(cases.length);
  cases.forEach(({ prompt, inputs, layers }, i) => {
    const { measures } = embeddingGap(prompt, inputs, { permutations: 0, floorDraws: 0, intervals: false });
    const answer = answers[i] as GapAnswer;
    const shown = `case ${i}: ${prompt.length} and ${inputs.length} vectors, d ${prompt[0]?.length}`;
    for (const [name, theirs] of Object.entries(answer.measures)) {
      const ours = measures[name as GapMeasure].value as number;
      const tolerance = name.startsWith('probe') ? 0.01 : 1e-6 * Math.max(1, Math.abs(theirs));
      expect(Math.abs(ours - theirs), `${shown}: ${name} ${ours}, reference ${theirs}`).toBeLessThan(
        tolerance,
      );
    }
    expect(linearCka(...layers), shown).toBeCloseTo(answer.linearCka, 9);
  });
}

test('equals the stored answers of numpy, scipy and scikit-learn', () => {
  const answers = keptAnswers<GapAnswer>('gap');
  expect(answers.length).toBe(25);
  expectEqual(gapCases(25, 'gap parity'), answers);
});

describe.skipIf(peers === undefined)('numpy, scipy and scikit-learn, live (SPT_PEERS is set)', () => {
  test('40 pairs of sets', () => {
    const cases = gapCases(40, 'gap parity, live');
    expectEqual(cases, reference(cases));
  });

  test('the stored answers are what they say today', () => {
    const answers = reference(gapCases(25, 'gap parity'));
    keepAnswers('gap', answers);
    const stored = keptAnswers<GapAnswer>('gap');
    answers.forEach(({ measures }, i) => {
      for (const [name, value] of Object.entries(measures)) {
        const there = stored[i]?.measures[name as GapMeasure] as number;
        expect(Math.abs(there - value), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
      }
    });
  });
});
