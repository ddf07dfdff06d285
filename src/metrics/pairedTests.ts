import { random } from '../tensor/random';
import { type BootstrapConfig, bootstrapDefaults, quantile } from './bootstrapInterval';

export type PairedTest = {
  /** The second system's score less the first's. */
  readonly difference: number;
  /** The difference's bootstrap interval over items; null for a single item. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided, of the paired bootstrap: how often a resampled difference lies as far from their mean as 0 does from ours. */
  readonly bootstrapP: number | null;
  /** Two-sided, of approximate randomisation: how often exchanging items at random makes as large a difference. */
  readonly randomisationP: number | null;
};

type Items = readonly (readonly number[])[];

/** Sums over drawn items of one table's rows. */
function addRows(table: Float64Array, width: number, row: number, sums: number[]): void {
  for (let j = 0; j < width; j++) sums[j] = sums[j]! + table[row * width + j]!;
}

/** How often, in `draws` and the observation itself, a difference is at least as large; never 0. */
function pValue(differences: Float64Array, centre: number, observed: number): number {
  const asLarge = differences.filter((value) => Math.abs(value - centre) >= Math.abs(observed)).length;
  return (asLarge + 1) / (differences.length + 1);
}

/**
 * Whether two systems' scores on the same items differ: the difference with its paired bootstrap interval, and the p-values
 * of the paired bootstrap and of approximate randomisation.
 *
 * Reference: Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation"; Riezler and Maxwell 2005, "On
 * Some Pitfalls in Automatic Evaluation and Significance Testing for MT"; both as in sacrebleu 2.6.
 */
export function pairedTest(
  first: Items,
  second: Items,
  score: (sums: readonly number[]) => number,
  config: Partial<BootstrapConfig> = {},
): PairedTest {
  const { draws, seed, level } = { ...bootstrapDefaults, ...config };
  const width = first[0]?.length ?? 0;
  const count = first.length;
  const tables = [Float64Array.from(first.flat()), Float64Array.from(second.flat())] as const;
  const difference = (fill: (sums: readonly [number[], number[]]) => void): number => {
    const sums = [new Array<number>(width).fill(0), new Array<number>(width).fill(0)] as const;
    fill(sums);
    return score(sums[1]) - score(sums[0]);
  };
  const observed = difference((sums) => {
    for (let i = 0; i < count; i++) tables.forEach((table, s) => addRows(table, width, i, sums[s]!));
  });
  if (count < 2) return { difference: observed, interval: null, bootstrapP: null, randomisationP: null };

  const bootstrap = random(seed).fork('paired bootstrap');
  const resampled = Float64Array.from({ length: draws }, () =>
    difference((sums) => {
      for (let i = 0; i < count; i++) {
        const row = bootstrap.integer(count);
        tables.forEach((table, s) => addRows(table, width, row, sums[s]!));
      }
    }),
  ).sort();
  const coin = random(seed).fork('approximate randomisation');
  const exchanged = Float64Array.from({ length: draws }, () =>
    difference((sums) => {
      for (let i = 0; i < count; i++) {
        const swap = coin.integer(2);
        tables.forEach((table, s) => addRows(table, width, i, sums[s ^ swap]!));
      }
    }),
  );
  const centre = resampled.reduce((sum, value) => sum + value, 0) / draws;
  return {
    difference: observed,
    interval: [quantile(resampled, (1 - level) / 2), quantile(resampled, (1 + level) / 2)],
    bootstrapP: pValue(resampled, centre, observed),
    randomisationP: pValue(exchanged, 0, observed),
  };
}
