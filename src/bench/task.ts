import type { EncodedExample } from '../model/batch';

export type BenchMethod = 'prompt-tuning' | 'scaled-prompt-tuning' | 'lora' | 'fine-tuning';

/** Training steps of one method. Several runs train as one population here and one after the other in PyTorch. */
export type TrainTask = {
  readonly kind: 'train';
  readonly method: BenchMethod;
  readonly optimizer: { readonly name: 'adafactor' | 'adamw'; readonly weightDecay: number };
  readonly learningRate: number;
  /** Tokens whose embeddings are the initial prompt, where the method has one. */
  readonly promptTokens: readonly number[];
  /** Each run's batch, the same in every step. */
  readonly runs: readonly (readonly EncodedExample[])[];
};

/** Generation of exactly `newTokens` tokens for each source, greedily where `numBeams` is 1. */
export type GenerateTask = {
  readonly kind: 'generate';
  readonly sources: readonly (readonly number[])[];
  readonly numBeams: number;
  readonly newTokens: number;
};

/** Scoring of texts: by E2E's protocol here, by sacrebleu's BLEU, chrF++ and TER in Python. */
export type ScoreTask = {
  readonly kind: 'score';
  readonly hypotheses: readonly string[];
  /** As many of each hypothesis. */
  readonly references: readonly (readonly string[])[];
  /** How many hypotheses, the first ones, sacrebleu's TER takes; it takes minutes for thousands. */
  readonly terItems: number;
};

export type BenchTask = TrainTask | GenerateTask | ScoreTask;

/** What is timed: the time that passes, or the processor time of all threads (for machines that are busy otherwise). */
export type Clock = 'wall' | 'cpu';

/** One line to a side. */
export type Request =
  /** Loads the model's folder and gets ready to run the task from its start. */
  | { readonly do: 'prepare'; readonly folder: string; readonly task: BenchTask; readonly clock: Clock }
  /** Runs the prepared task: so many training steps, generations or scorings. */
  | { readonly do: 'run'; readonly count: number }
  /** Asks for the largest resident memory of the process so far. */
  | { readonly do: 'peak' };

/** What a side answers to `run`. */
export type Timed = {
  /** Milliseconds of each step (of all runs), generation or scoring. */
  readonly times: readonly number[];
  /** The first run's loss before its first of these steps, the tokens of one generation, or the BLEU: both must agree. */
  readonly check: number;
};

/** What a side answers to `peak`. */
export type Peak = { readonly bytes: number };
