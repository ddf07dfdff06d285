import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type EncodedExample, type Seq2SeqBatch, seq2SeqBatch } from '../../src/model/batch';
import type { GenerationConfig } from '../../src/model/generationConfig';
import { readSafetensors } from '../../src/model/safetensors';

export type MethodName = 'prompt-tuning' | 'scaled-prompt-tuning' | 'fine-tuning';

/** Fifty steps of PyTorch; `losses` and `gradientNorms` are those before each update. */
export type Curve = {
  readonly method: MethodName;
  readonly optimizer: 'adamw' | 'adafactor';
  readonly learningRate: number;
  readonly scaleLearningRate?: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly warmupSteps: number;
  readonly examples: readonly EncodedExample[];
  /** The examples of each step. */
  readonly order: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
};

/** What reference.py writes beside a checkpoint. */
export type ParityCase = {
  readonly sources: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
  readonly maxNewTokens: number;
  readonly loss: number;
  readonly promptedLoss: number;
  readonly generations: readonly (Partial<GenerationConfig> & {
    readonly ids: readonly (readonly number[])[];
    readonly promptedIds: readonly (readonly number[])[];
  })[];
  readonly curves?: readonly Curve[];
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
};

/** The batch of a checkpoint's case; the caller owns it. */
export function parityBatch({ sources, targets }: ParityCase, padTokenId: number): Seq2SeqBatch {
  return seq2SeqBatch(
    sources.map((source, i) => ({ source, target: targets[i] ?? [] })),
    padTokenId,
  );
}

export async function readParityCase(folder: string): Promise<ParityCase> {
  const expected = JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')) as Omit<
    ParityCase,
    'tensors'
  >;
  const { tensors } = await readSafetensors(path.join(folder, 'expected.safetensors'));
  return { ...expected, tensors };
}
