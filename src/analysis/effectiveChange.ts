import { ShapeError } from '../errors';
import { scalesOf } from './interventions';
import { norm, norms, type Vectors } from './vectors';

/** A prompt at a step of its training: P, and s * P as the model reads it. */
export type PromptSnapshot = { readonly step: number; readonly prompt: Vectors; readonly scaled: Vectors };

/** How s * P moved between two snapshots, and how much of it the scale did and how much P. */
export type EffectiveChange = {
  readonly step: number;
  /** Length of the change of s * P, over all tokens. */
  readonly total: number;
  /** Length of the part that the scale made, (s' - s) (P + P') / 2. */
  readonly scale: number;
  /** Length of the part that P made, (s + s') / 2 (P' - P). */
  readonly prompt: number;
  /** Share of the change that the scale made, by its projection on the change; the rest is P's. Null where nothing moved. */
  readonly scaleShare: number | null;
  /** Length of each token's path so far. */
  readonly paths: readonly number[];
  readonly scales: readonly number[];
  readonly norms: readonly number[];
};

/**
 * The change of s * P from snapshot to snapshot in two parts that add up to it exactly: s'P' - sP =
 * (s' - s)(P + P') / 2 + (s + s')/2 (P' - P). It holds for scales of one number a token; a prompt without a scale has s = 1.
 * @throws ShapeError if snapshots differ in their number of tokens.
 */
export function effectiveChange(snapshots: readonly PromptSnapshot[]): EffectiveChange[] {
  const paths = new Float64Array(snapshots[0]?.prompt.length ?? 0);
  return snapshots.slice(1).map((now, i) => {
    const before = snapshots[i] as PromptSnapshot;
    if (now.prompt.length !== paths.length || before.prompt.length !== paths.length)
      throw new ShapeError(
        `effectiveChange: snapshots must have the same tokens; found ${before.prompt.length} and ${now.prompt.length}`,
      );
    const [s, next] = [scalesOf(before.prompt, before.scaled), scalesOf(now.prompt, now.scaled)];
    let [scale, prompt, total, along] = [0, 0, 0, 0];
    paths.forEach((_, token) => {
      const [p, q] = [before.prompt[token] as Float32Array, now.prompt[token] as Float32Array];
      const [a, b] = [s[token] as number, next[token] as number];
      const byScale = Float64Array.from(p, (value, k) => ((b - a) * (value + (q[k] as number))) / 2);
      const byPrompt = Float64Array.from(p, (value, k) => ((a + b) / 2) * ((q[k] as number) - value));
      const both = byScale.map((value, k) => value + (byPrompt[k] as number));
      scale += norm(byScale) ** 2;
      prompt += norm(byPrompt) ** 2;
      total += norm(both) ** 2;
      along += both.reduce((sum, value, k) => sum + value * (byScale[k] as number), 0);
      paths[token] = (paths[token] as number) + norm(both);
    });
    return {
      step: now.step,
      total: Math.sqrt(total),
      scale: Math.sqrt(scale),
      prompt: Math.sqrt(prompt),
      scaleShare: total === 0 ? null : along / total,
      paths: [...paths],
      scales: next,
      norms: [...norms(now.scaled)],
    };
  });
}
