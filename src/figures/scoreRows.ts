import { methodMark } from './methodMarks';
import type { MethodScores } from './methodScores';

/** One run a row, for a data frame. The frozen model's row has no seed. */
export type ScoreRow = { method: string; seed: string; score: number; low: number; high: number };

/** Scores with their intervals, one run a row; an interval that there is none of is NaN. */
export function scoreRows(methods: readonly MethodScores[]): ScoreRow[] {
  return methods.flatMap(({ method, runs }) =>
    runs.map(({ seed, score, interval }) => ({
      method: methodMark(method).name,
      seed: seed === undefined ? '–' : String(seed),
      score,
      low: interval?.[0] ?? NaN,
      high: interval?.[1] ?? NaN,
    })),
  );
}
