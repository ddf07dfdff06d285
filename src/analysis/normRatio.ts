import { assertComparable, norms, type Measured, type Vectors } from './vectors';

/** The middle value; of an even number the mean of the two in the middle. */
function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

/**
 * Mean norm of the prompt's vectors over the median norm of the inputs'; 1 = as long. Undefined where the inputs' median
 * is zero.
 * @throws ShapeError if a set is empty or the dimensions differ.
 */
export function normRatio(prompt: Vectors, inputs: Vectors): Measured {
  assertComparable('normRatio', prompt, inputs);
  const typical = median(norms(inputs));
  if (typical === 0) return { value: null, reason: 'the median input vector is zero' };
  const mean = norms(prompt).reduce((sum, length) => sum + length, 0) / prompt.length;
  return { value: mean / typical };
}
