import type { GenerationConfig } from './generationConfig';

/**
 * Forbids tokens in one row of next-token scores, in place: the end token before `minNewTokens`, and any token that
 * would complete an n-gram which the sequence (with its start token) already holds.
 * Reference: transformers' MinNewTokensLengthLogitsProcessor and NoRepeatNGramLogitsProcessor.
 */
export function forbidTokens(
  scores: Float32Array,
  sequence: readonly number[],
  endTokenId: number,
  config: GenerationConfig,
): void {
  if (sequence.length - 1 < config.minNewTokens) scores[endTokenId] = -Infinity;
  const n = config.noRepeatNgramSize;
  if (n === 0 || sequence.length + 1 < n) return;
  const tail = sequence.length - n + 1;
  for (let start = 0; start + n <= sequence.length; start++) {
    let same = true;
    for (let i = 0; i < n - 1 && same; i++) same = sequence[start + i] === sequence[tail + i];
    if (same) scores[sequence[start + n - 1] as number] = -Infinity;
  }
}

/** The position of the largest score; the first of equals. */
export function argMax(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
  return best;
}

/** log softmax of one row, in float32 as a device would give it. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  const logSumExp = max + Math.log(sum);
  return logits.map((logit) => logit - logSumExp);
}

/** Positions of the k largest of `count` scores by falling score; of equals the first. */
export function topK(count: number, k: number, score: (index: number) => number): number[] {
  const best: number[] = [];
  const values: number[] = [];
  for (let index = 0; index < count; index++) {
    const value = score(index);
    if (best.length === k && !(value > (values[k - 1] as number))) continue;
    let place = Math.min(best.length, k - 1);
    while (place > 0 && value > (values[place - 1] as number)) {
      values[place] = values[place - 1] as number;
      best[place] = best[place - 1] as number;
      place--;
    }
    values[place] = value;
    best[place] = index;
  }
  return best;
}
