import { range, type Statistic } from './measure';
import type { Space } from './space';

/** Sums of a symmetric matrix over ordered pairs of different rows: within the prompt, within the inputs, across. */
export type PairSums = {
  readonly prompt: number;
  readonly inputs: number;
  /** Each prompt row with each input row, once. */
  readonly across: number;
  readonly sizes: readonly [prompt: number, inputs: number];
};

/**
 * A statistic of pair sums. Row sums are kept, so a relabelling costs the square of the prompt's size and a unit left out
 * the square of its own, not that of all rows.
 *
 * @param matrix symmetric, `[n, n]`; its diagonal is not read.
 */
export function pairStatistic(
  { n, prompt }: Space,
  matrix: Float64Array,
  of: (sums: PairSums) => number,
): Statistic {
  const within = (rows: Int32Array): number => {
    let sum = 0;
    for (let a = 1; a < rows.length; a++) {
      const start = (rows[a] as number) * n;
      for (let b = 0; b < a; b++) sum += matrix[start + (rows[b] as number)] as number;
    }
    return 2 * sum;
  };
  const toPrompt = new Float64Array(n);
  const toInputs = new Float64Array(n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const value = matrix[i * n + j] as number;
      if (j < prompt) toPrompt[i] = (toPrompt[i] as number) + value;
      else toInputs[i] = (toInputs[i] as number) + value;
    }
  const total = (values: Float64Array, rows: Int32Array): number => {
    let sum = 0;
    for (const row of rows) sum += values[row] as number;
    return sum;
  };
  const own = range(0, prompt);
  const rest = range(prompt, n);
  const sums: PairSums = {
    prompt: total(toPrompt, own),
    inputs: total(toInputs, rest),
    across: total(toInputs, own),
    sizes: [prompt, n - prompt],
  };
  const all = sums.prompt + sums.inputs + 2 * sums.across;
  return {
    value: of(sums),
    without: (unit) => {
      const inside = within(unit);
      const [p, x] = sums.sizes;
      return (unit[0] as number) < prompt
        ? of({
            prompt: sums.prompt - 2 * total(toPrompt, unit) + inside,
            inputs: sums.inputs,
            across: sums.across - total(toInputs, unit),
            sizes: [p - unit.length, x],
          })
        : of({
            prompt: sums.prompt,
            inputs: sums.inputs - 2 * total(toInputs, unit) + inside,
            across: sums.across - total(toPrompt, unit),
            sizes: [p, x - unit.length],
          });
    },
    relabelled: (rows) => {
      const inside = within(rows);
      const across = total(toPrompt, rows) + total(toInputs, rows) - inside;
      return of({
        prompt: inside,
        inputs: all - inside - 2 * across,
        across,
        sizes: [rows.length, n - rows.length],
      });
    },
  };
}
