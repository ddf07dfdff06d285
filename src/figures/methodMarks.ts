import { colours } from './theme';

/** A method's short name and colour, the same in every figure and table. */
export type MethodMark = { readonly name: string; readonly colour: string };

const known: Readonly<Record<string, MethodMark>> = {
  frozen: { name: 'Frozen', colour: colours.frozen },
  'prompt-tuning': { name: 'PT', colour: colours.promptTuning },
  'scaled-prompt-tuning': { name: 'SPT', colour: colours.scaledPromptTuning },
  'fine-tuning': { name: 'FT', colour: colours.fineTuning },
};

/** How a method is shown; `frozen` is the model without any. One that has no short name keeps its own. */
export function methodMark(method: string): MethodMark {
  return known[method] ?? { name: method, colour: colours.other };
}
