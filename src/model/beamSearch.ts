import type { GenerationConfig } from './generationConfig';
import { forbid, forbiddenTokens, topK } from './tokenScores';

/** Added to a score that must not win; finite, as in transformers, so that sums stay ordered. */
const EXCLUDED = -1e9;

type Hypothesis = {
  readonly sequence: readonly number[];
  readonly score: number;
  readonly finished: boolean;
};

/** One source's beam search: what runs, what is finished, and whether more steps can change the answer. */
export type Beams = {
  readonly running: readonly { readonly sequence: readonly number[]; readonly score: number }[];
  readonly finished: readonly Hypothesis[];
  readonly improvable: boolean;
  readonly done: boolean;
};

/** Beams before the first token; only the first counts, so that the first step draws different tokens. */
export function startBeams(startTokenId: number, config: GenerationConfig): Beams {
  const each = <T>(make: (beam: number) => T): T[] =>
    Array.from({ length: config.numBeams }, (_, beam) => make(beam));
  return {
    running: each((beam) => ({ sequence: [startTokenId], score: beam === 0 ? 0 : EXCLUDED })),
    finished: each(() => ({ sequence: [startTokenId], score: EXCLUDED, finished: false })),
    improvable: true,
    done: false,
  };
}

/** The `count` items of highest score by falling score; of equals the first. */
function best<T extends { readonly score: number }>(items: readonly T[], count: number): T[] {
  const scores = Float32Array.from(items, ({ score }) => score);
  return topK(scores, count).map((index) => items[index] as T);
}

/**
 * One step: `logits`, one row a running beam, and each row's log-sum-exp, to the next beams and the beam that each of them
 * continues. Overwrites logits of tokens that are forbidden.
 * Follows transformers 5's vectorised `_beam_search` in order and in float32: twice as many candidates as beams, those
 * that end leave the running beams, and only ended ones among the first numBeams candidates may become results.
 * Reference: transformers 5.23, generation/utils.py.
 */
export function stepBeams(
  beams: Beams,
  logits: readonly Float32Array[],
  logSumExps: Float32Array,
  endTokenId: number,
  config: GenerationConfig,
): { readonly beams: Beams; readonly parents: readonly number[] } {
  const { numBeams, maxNewTokens, lengthPenalty, earlyStopping } = config;
  const length = (beams.running[0]?.sequence.length ?? 1) - 1 + 1;
  // The best of all beams are among the best of each.
  const extended = beams.running.flatMap(({ sequence, score }, parent) => {
    const row = logits[parent] as Float32Array;
    forbid(row, forbiddenTokens(sequence, endTokenId, config));
    return topK(row, 2 * numBeams).map((token) => {
      const logProbability = Math.fround((row[token] as number) - (logSumExps[parent] as number));
      return { parent, token, score: Math.fround(logProbability + score) };
    });
  });
  const candidates = best(extended, 2 * numBeams).map(({ parent, token, score }) => ({
    parent,
    sequence: [...(beams.running[parent]?.sequence ?? []), token],
    score,
    ends: token === endTokenId || length >= maxNewTokens,
  }));
  const running = best(
    candidates.map(({ parent, sequence, score, ends }) => ({
      parent,
      sequence,
      score: Math.fround(score + (ends ? EXCLUDED : 0)),
    })),
    numBeams,
  );

  const full = beams.finished.every((hypothesis) => hypothesis.finished) && earlyStopping === true;
  const closed = (full ? EXCLUDED : 0) + (beams.improvable ? 0 : EXCLUDED);
  const merged: Hypothesis[] = [
    ...beams.finished,
    ...candidates.map(({ sequence, score, ends }, rank) => {
      const finished = ends && rank < numBeams;
      const normalised = Math.fround(Math.fround(score / length ** lengthPenalty) + closed);
      return { sequence, score: Math.fround(normalised + (finished ? 0 : EXCLUDED)), finished };
    }),
  ];
  const finished = best(merged, numBeams);

  const reachable = earlyStopping === 'never' && lengthPenalty > 0 ? maxNewTokens : length;
  const bestRunning = (running[0]?.score ?? EXCLUDED) / reachable ** lengthPenalty;
  const worst = Math.min(...finished.map((hypothesis) => hypothesis.score));
  const improvable =
    beams.improvable && finished.some((hypothesis) => bestRunning > (hypothesis.finished ? worst : EXCLUDED));
  const allFinished = finished.every((hypothesis) => hypothesis.finished) && earlyStopping === true;
  const stuck = candidates.every((candidate) => candidate.ends);
  return {
    beams: { running, finished, improvable, done: !improvable || allFinished || stuck },
    parents: running.map((beam) => beam.parent),
  };
}

/** The best finished sequence, without its start token. */
export function bestSequence(beams: Beams): number[] {
  return beams.finished[0]?.sequence.slice(1) ?? [];
}
