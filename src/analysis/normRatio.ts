import type { Measure } from './measure';
import { side, sideStatistic } from './sides';

/**
 * Mean norm of the prompt's vectors over the median norm of the inputs'; 1 = as long. Undefined where the inputs' median
 * is zero.
 */
export const normRatio: Measure = {
  tail: 'both',
  range: [0, Infinity],
  of: (space) => {
    const lengths = space.norms();
    const order = Int32Array.from(lengths.keys()).sort(
      (a, b) => (lengths[a] as number) - (lengths[b] as number),
    );
    const statistic = sideStatistic(space, (sides) => {
      let [sum, prompts, inputs] = [0, 0, 0];
      sides.forEach((which, row) => {
        if (which === side.inputs) inputs++;
        if (which !== side.prompt) return;
        prompts++;
        sum += lengths[row] as number;
      });
      // The median is the middle input in order of length, or the mean of the two in the middle.
      const [lower, upper] = [Math.floor((inputs - 1) / 2), Math.floor(inputs / 2)];
      let [seen, median] = [0, 0];
      for (const row of order) {
        if (sides[row] !== side.inputs) continue;
        if (seen === lower) median += (lengths[row] as number) / 2;
        if (seen === upper) {
          median += (lengths[row] as number) / 2;
          break;
        }
        seen++;
      }
      return sum / prompts / median;
    });
    return Number.isFinite(statistic.value) ? statistic : { reason: 'the median input vector is zero' };
  },
};
