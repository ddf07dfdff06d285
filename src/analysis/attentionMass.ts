import { studentQuantile } from './jackknife';

/** Which attention, from where to where. */
export type MassKind = 'inputToPrompt' | 'promptToInput' | 'crossToPrompt';

/** Mean attention mass of one head over sentences, each sentence's mean over its queries. */
export type AttentionMass = {
  readonly kind: MassKind;
  readonly layer: number;
  readonly head: number;
  /** Share of the attention, 0 to 1. */
  readonly value: number;
  /** 95 % over sentences (Student's t of the mean); null for fewer than 2. */
  readonly interval: readonly [number, number] | null;
  /** The share if every key were attended to alike. */
  readonly uniform: number;
};

/** Mean of a sentence's masses with its 95 % interval over sentences. */
export function meanMass(values: readonly number[]): Pick<AttentionMass, 'value' | 'interval'> {
  const n = values.length;
  const value = values.reduce((sum, one) => sum + one, 0) / n;
  if (n < 2) return { value, interval: null };
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (n - 1);
  const half = studentQuantile(n - 1) * Math.sqrt(variance / n);
  return { value, interval: [Math.max(0, value - half), Math.min(1, value + half)] };
}
