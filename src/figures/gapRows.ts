import { embeddingGap, type GapMeasure } from '../analysis/embeddingGap';
import type { PromptSet } from '../analysis/promptSets';
import type { Vectors } from '../analysis/vectors';
import { methodMark } from './methodMarks';

/** One set of vectors against the inputs, for a data frame. */
export type GapRow = { vectors: string; seed: number } & Record<GapMeasure, number>;

/** What a set of vectors is called: `P of PT`, `s ⊙ P of SPT`. */
export function promptSetName({ method, part }: Pick<PromptSet, 'method' | 'part'>): string {
  return `${part === 'scaled' ? 's ⊙ P' : 'P'} of ${methodMark(method).name}`;
}

/** One set of prompt vectors a row, one measure a column; a measure that is undefined is NaN. */
export function gapRows(sets: readonly PromptSet[], inputs: Vectors): GapRow[] {
  return sets.map((set) => {
    const { measures } = embeddingGap(set.vectors, inputs);
    const values = Object.entries(measures).map(([measure, { value }]) => [measure, value ?? NaN]);
    return {
      vectors: promptSetName(set),
      seed: set.seed,
      ...(Object.fromEntries(values) as Record<GapMeasure, number>),
    };
  });
}
