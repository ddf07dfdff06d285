import type { GapMeasure, Measured } from '../analysis/embeddingGap';

/**
 * The sets of vectors that are held against the inputs: PT's trained prompt; P of an SPT run without its scale; s * P, as
 * the model reads it; a prompt as training starts with it; tokens drawn from the whole vocabulary.
 */
export const gapSets = ['promptTuning', 'prompt', 'scaled', 'untrained', 'vocabulary'] as const;
export type GapSet = (typeof gapSets)[number];

/** Each place before and in the encoder where sets are compared: 0 is what enters block 0, i what leaves block i - 1. */
export type GapRecord = Measured & {
  readonly task: string;
  readonly set: GapSet;
  readonly seed: number;
  readonly layer: number;
  readonly measure: GapMeasure;
};

/** One number of one head: of a gap measure between its keys (queries, values), or an attention mass. */
export type HeadRecord = {
  readonly task: string;
  readonly set: GapSet;
  readonly seed: number;
  readonly layer: number;
  readonly head: number;
  /** `key`, `query`, `value`, or what mass it is. */
  readonly part: string;
  /** A gap measure, or `mass`. */
  readonly measure: string;
  readonly value: number | null;
};

/** Numbers of a run at one step of its training. */
export type TrajectoryRecord = {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  readonly step: number;
  /** `scale`, `norm`, `scaledNorm`, `changeOfScale`, `changeOfPrompt`, or a gap measure. */
  readonly quantity: string;
  readonly value: number;
  /** Quartiles over the prompt's tokens, where it is a median over them. */
  readonly quartiles?: readonly [number, number];
};

/** A trained run whose prompt was changed and not trained again. */
export type InterventionRecord = {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  /** `none` is the run as it is. */
  readonly intervention: string;
  /** How much of it; 0 where there is no degree. */
  readonly strength: number;
  /** By measure: its value, and how far that lies from the floor (null where either is undefined). */
  readonly gaps: Readonly<Record<string, { readonly value: number | null; readonly excess: number | null }>>;
  readonly bleu: number;
  readonly loss: number;
};

/** The lengths of one set's vectors in one run; the inputs belong to no run. */
export type NormRecord = {
  readonly task: string;
  readonly set: GapSet | 'inputs';
  readonly seed: number | null;
  readonly norms: readonly number[];
};
