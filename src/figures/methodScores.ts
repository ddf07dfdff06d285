import { ConfigError } from '../errors';
import type { CorpusScore } from '../metrics/corpusScore';

/** One run's score with its 95 % interval over the scored items; no seed for the frozen model. */
export type RunScore = {
  readonly seed?: number;
  readonly score: number;
  readonly interval: readonly [number, number] | null;
};

/** A method's runs by one metric; the method `frozen` is the model without any. */
export type MethodScores = { readonly method: string; readonly runs: readonly RunScore[] };

/**
 * A method's runs as figures and tables show them: one score a seed, or the frozen model's one score without seeds.
 * @throws ConfigError if a run lacks the metric, or seeds and scores differ in number.
 */
export function methodScores(
  method: string,
  metric: string,
  scores: readonly Readonly<Record<string, CorpusScore>>[],
  seeds?: readonly number[],
): MethodScores {
  if (seeds !== undefined && seeds.length !== scores.length)
    throw new ConfigError(`methodScores: ${method}: ${seeds.length} seeds, but ${scores.length} scores`);
  const runs = scores.map((run, i) => {
    const found = run[metric];
    if (found === undefined)
      throw new ConfigError(`methodScores: ${method}: no ${metric} among ${Object.keys(run).join(', ')}`);
    const { score, interval } = found;
    const seed = seeds?.[i];
    return seed === undefined ? { score, interval } : { seed, score, interval };
  });
  return { method, runs };
}
