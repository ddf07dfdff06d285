import type { Statistic } from './measure';
import type { Space } from './space';

/** Which set each row is in. */
export const side = { prompt: 0, inputs: 1, leftOut: 2 } as const;

/** A statistic of each row's side, for measures that walk through all rows anyway. */
export function sideStatistic({ n, prompt }: Space, of: (sides: Uint8Array) => number): Statistic {
  const observed = new Uint8Array(n).fill(side.inputs).fill(side.prompt, 0, prompt);
  return {
    value: of(observed),
    without: (unit) => {
      const sides = observed.slice();
      for (const row of unit) sides[row] = side.leftOut;
      return of(sides);
    },
    relabelled: (rows) => {
      const sides = new Uint8Array(n).fill(side.inputs);
      for (const row of rows) sides[row] = side.prompt;
      return of(sides);
    },
  };
}
