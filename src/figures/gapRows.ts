import { embeddingGap } from '../analysis/embeddingGap';
import type { PromptSet } from '../analysis/promptSets';
import type { Vectors } from '../analysis/vectors';
import { methodMark } from './methodMarks';

/** The measures that fit a table; the others, intervals and tests are `embeddingGap`'s. */
const shown = ['centroidGap', 'centroidGapNormalised', 'cosineOfCentroids', 'normRatio'] as const;

/** One set of vectors against the inputs, for a data frame. */
export type GapRow = { vectors: string; seed: number } & Record<(typeof shown)[number], number>;

/** What a set of vectors is called: `P of PT`, `s ⊙ P of SPT`. */
export function promptSetName({ method, part }: Pick<PromptSet, 'method' | 'part'>): string {
  return `${part === 'scaled' ? 's ⊙ P' : 'P'} of ${methodMark(method).name}`;
}

/** One set of prompt vectors a row, one measure a column; a measure that is undefined is NaN. */
export function gapRows(sets: readonly PromptSet[], inputs: Vectors): GapRow[] {
  return sets.map((set) => {
    const { measures } = embeddingGap(set.vectors, inputs, {
      measures: shown,
      permutations: 0,
      floorDraws: 0,
      intervals: false,
    });
    const values = Object.entries(measures).map(([measure, { value }]) => [measure, value ?? NaN]);
    return {
      vectors: promptSetName(set),
      seed: set.seed,
      ...(Object.fromEntries(values) as Record<(typeof shown)[number], number>),
    };
  });
}
