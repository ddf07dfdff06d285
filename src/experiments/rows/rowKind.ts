import { createHash } from 'node:crypto';
import type { GenerationConfig } from '../../model/generationConfig';
import type { T5 } from '../../model/t5';
import { readTask } from '../../tasks';
import { type Example, type Split, splits } from '../../tasks/task';
import type { Json } from '../../training/runStore';
import type { TrainEvent } from '../../training/trainer';
import type { Score } from '../resultRow';

/** What rows depend on beside their own data, known before a model is loaded. */
export type RowPlace = {
  /** The model as it was asked for, and the fingerprint of its files. */
  readonly modelName: string;
  readonly fingerprint: string;
  /** The folder that holds the data sets; undefined for each one's usual place. */
  readonly data: string | undefined;
  /** The folder of the trainings, each in one of its own. */
  readonly runs: string;
  /** How texts are decoded. */
  readonly generation: GenerationConfig;
};

/** What a row is measured with. */
export type RowContext = RowPlace & {
  readonly model: T5;
  readonly signal?: AbortSignal;
  readonly onTraining?: (event: TrainEvent) => void;
  readonly onTexts?: (done: number, total: number) => void;
};

/** What came out: one score a run, each over n items. */
export type Measured = { readonly n: number; readonly scores: readonly Score[] };

/** A kind of row: what its scores depend on, and how they are measured. One file a kind. */
export interface RowKind<Spec> {
  readonly unit: string;
  /** All that the scores depend on beside the model, resolved, as plain JSON. */
  config(spec: Spec, place: RowPlace): Readonly<Record<string, Json>>;
  measure(spec: Spec, context: RowContext): Promise<Measured>;
  /** Deletes what is too large to lie about once the row is kept. */
  tidyUp?(spec: Spec, place: RowPlace): void;
}

/** A data set's split where the place has it. */
export function examplesOf(task: string, split: Split, { data }: RowPlace): readonly Example[] {
  return readTask(task, split, data);
}

const fingerprints = new Map<string, string>();

/** What tells one edition of a data set from another: a hash over the examples of all splits. */
export function dataFingerprint(task: string, place: RowPlace): string {
  const key = JSON.stringify([task, place.data]);
  const known = fingerprints.get(key);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const split of splits) hash.update(JSON.stringify(examplesOf(task, split, place)));
  const found = hash.digest('hex').slice(0, 16);
  fingerprints.set(key, found);
  return found;
}
