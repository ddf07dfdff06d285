import { random } from '../tensor/random';

export type BootstrapConfig = {
  readonly draws: number;
  readonly seed: number;
  /** Share of the draws inside the interval. */
  readonly level: number;
};

export const bootstrapDefaults: BootstrapConfig = { draws: 1000, seed: 0, level: 0.95 };

/** The value below which a share of the sorted values lies, linear between neighbours. */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  return low + (position - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - low);
}

/**
 * The percentile bootstrap interval of a corpus score over its items: items drawn with replacement, their statistics
 * added, the score of the sums. Null for fewer than two items, which say nothing about their spread.
 *
 * Reference: Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation".
 */
export function bootstrapInterval(
  items: readonly (readonly number[])[],
  score: (sums: readonly number[]) => number,
  config: Partial<BootstrapConfig> = {},
): readonly [number, number] | null {
  const { draws, seed, level } = { ...bootstrapDefaults, ...config };
  if (items.length < 2) return null;
  const width = items[0]?.length ?? 0;
  const table = Float64Array.from(items.flat());
  const rng = random(seed).fork('bootstrap');
  const scores = Float64Array.from({ length: draws }, () => {
    const sums = new Array<number>(width).fill(0);
    for (let i = 0; i < items.length; i++) {
      const row = rng.integer(items.length) * width;
      for (let j = 0; j < width; j++) sums[j] = (sums[j] as number) + (table[row + j] as number);
    }
    return score(sums);
  }).sort();
  return [quantile(scores, (1 - level) / 2), quantile(scores, (1 + level) / 2)];
}
