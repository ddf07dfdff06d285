import type { Figure } from '../../src/figures/figure';
import { methodMarks, quickstartFigure } from '../../src/figures/quickstartFigure';
import { colours } from '../../src/figures/theme';

/** A text that would run, or break the page, wherever it is not escaped. */
export const hostile = '</script><img src=x onerror=alert(1)>&';

/** The quickstart's figure of known numbers, its names hostile. */
export function exampleFigure(): Figure {
  return quickstartFigure({
    metric: 'BLEU',
    methods: [
      { ...methodMarks.frozen, runs: [{ score: 7, interval: [6, 9] }] },
      {
        name: hostile,
        colour: colours.scaledPromptTuning,
        runs: [
          { seed: 1, score: 40, interval: [37, 44] },
          { seed: 2, score: 42, interval: null },
        ],
      },
    ],
    norms: [
      {
        name: hostile,
        colour: colours.prompt,
        vectors: [3, 6, 9].map((x) => Float32Array.of(x, (4 * x) / 3)),
      },
      { name: 'inputs', colour: colours.inputs, vectors: [Float32Array.of(1, 0)] },
    ],
    source: { preset: 'mini', n: hostile, seeds: [1, 2] },
  });
}
