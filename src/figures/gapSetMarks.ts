import type { GapSet } from '../experiments/gapRecords';
import type { LegendEntry } from './legend';
import { colours } from './theme';

/** Each set's name and colour, the same in every figure of the gap. */
export const gapSetMarks: Readonly<Record<GapSet, { readonly name: string; readonly colour: string }>> = {
  promptTuning: { name: 'P of PT', colour: colours.promptTuning },
  prompt: { name: 'P of SPT', colour: colours.prompt },
  scaled: { name: 's ⊙ P of SPT', colour: colours.scaledPromptTuning },
  untrained: { name: 'untrained', colour: colours.untrained },
  vocabulary: { name: 'vocabulary', colour: colours.vocabulary },
};

/** The legend of some sets, in their order, and of the floor where it is drawn. */
export function gapSetLegend(sets: readonly GapSet[], withFloor: boolean): readonly LegendEntry[] {
  return [
    ...sets.map((set) => gapSetMarks[set]),
    ...(withFloor ? [{ name: 'floor: input against input', colour: colours.floor, mark: '┅' as const }] : []),
  ];
}
