import type { Figure } from '../../src/figures/figure';
import { quickstartFigure } from '../../src/figures/quickstartFigure';

/** A text that would run, or break the page, wherever it is not escaped. */
export const hostile = '</script><img src=x onerror=alert(1)>&';

/** The quickstart's figure of known numbers, its names hostile. */
export function exampleFigure(): Figure {
  return quickstartFigure({
    metric: 'BLEU',
    methods: [
      { method: 'frozen', runs: [{ score: 7, interval: [6, 9] }] },
      {
        method: hostile,
        runs: [
          { seed: 1, score: 40, interval: [37, 44] },
          { seed: 2, score: 42, interval: null },
        ],
      },
    ],
    prompts: [
      { method: hostile, part: 'prompt', seed: 1, vectors: [Float32Array.of(3, 4)] },
      { method: hostile, part: 'scaled', seed: 1, vectors: [Float32Array.of(6, 8)] },
      { method: hostile, part: 'prompt', seed: 2, vectors: [Float32Array.of(9, 12)] },
      { method: hostile, part: 'scaled', seed: 2, vectors: [Float32Array.of(0, 2)] },
    ],
    inputs: [Float32Array.of(1, 0)],
    source: { preset: 'mini', n: hostile, seeds: [1, 2] },
  });
}
