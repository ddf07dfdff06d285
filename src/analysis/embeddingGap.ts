import { centroidGap, centroidGapNormalised } from './centroidGap';
import { cosineOfCentroids } from './cosineOfCentroids';
import { normRatio } from './normRatio';
import type { Measured, Vectors } from './vectors';

/** Every measure of the gap by its name in files and on the command line: one file each. */
export const gapMeasures = {
  centroidGap,
  centroidGapNormalised,
  cosineOfCentroids,
  normRatio,
} satisfies Readonly<Record<string, (prompt: Vectors, inputs: Vectors) => Measured>>;

export type GapMeasure = keyof typeof gapMeasures;

/** Each measure between a prompt and the inputs, and how many vectors it compares. */
export type EmbeddingGap = {
  readonly measures: Readonly<Record<GapMeasure, Measured>>;
  readonly n: { readonly prompt: number; readonly inputs: number };
};

/**
 * The gap between prompt vectors `[n, d]` and input vectors `[m, d]`, by every measure.
 * @throws ShapeError if a set is empty or the dimensions differ.
 */
export function embeddingGap(prompt: Vectors, inputs: Vectors): EmbeddingGap {
  const measured = Object.entries(gapMeasures).map(([name, measure]) => [name, measure(prompt, inputs)]);
  return {
    measures: Object.fromEntries(measured) as EmbeddingGap['measures'],
    n: { prompt: prompt.length, inputs: inputs.length },
  };
}
