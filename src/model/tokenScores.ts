import type { GenerationConfig } from './generationConfig';

/**
 * Tokens that may not come next: the end token before `minNewTokens`, and any token that would complete an n-gram which
 * the sequence (with its start token) already holds.
 * Reference: transformers' MinNewTokensLengthLogitsProcessor and NoRepeatNGramLogitsProcessor.
 */
export function forbiddenTokens(
  sequence: readonly number[],
  endTokenId: number,
  config: GenerationConfig,
): number[] {
  const forbidden = sequence.length - 1 < config.minNewTokens ? [endTokenId] : [];
  const n = config.noRepeatNgramSize;
  if (n === 0 || sequence.length + 1 < n) return forbidden;
  const tail = sequence.length - n + 1;
  for (let start = 0; start + n <= sequence.length; start++) {
    let same = true;
    for (let i = 0; i < n - 1 && same; i++) same = sequence[start + i] === sequence[tail + i];
    if (same) forbidden.push(sequence[start + n - 1] as number);
  }
  return forbidden;
}

/** Takes tokens out of the running, in place. */
export function forbid(scores: Float32Array, tokens: readonly number[]): void {
  for (const token of tokens) scores[token] = -Infinity;
}

/** Positions of the k largest scores by falling score; of equals the first. */
export function topK(scores: Float32Array, k: number): number[] {
  const best = new Int32Array(k).fill(-1);
  const values = new Float32Array(k).fill(-Infinity);
  let least = -Infinity;
  let found = 0;
  for (let index = 0; index < scores.length; index++) {
    const value = scores[index] as number;
    if (found === k && !(value > least)) continue;
    let place = Math.min(found, k - 1);
    for (; place > 0 && value > (values[place - 1] as number); place--) {
      values[place] = values[place - 1] as number;
      best[place] = best[place - 1] as number;
    }
    values[place] = value;
    best[place] = index;
    found = Math.min(found + 1, k);
    if (found === k) least = values[k - 1] as number;
  }
  return [...best.subarray(0, found)];
}
