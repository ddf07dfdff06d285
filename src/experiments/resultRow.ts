import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { CheckpointError } from '../errors';
import { writing } from '../training/fileSystem';
import type { Environment, Json } from '../training/runStore';
import { type Estimate, estimate, type Interval } from './estimate';

/** One run's number; the seed is null where nothing was drawn, as for the frozen model. */
export type Score = {
  readonly seed: number | null;
  readonly score: number;
  /** 95 % over the items that were scored; null where there are none, as for a time. */
  readonly interval: Interval | null;
  /** What else was measured of the run; null where it is undefined. */
  readonly measures?: Readonly<Record<string, number | null>>;
};

/** A measured row of an experiment, complete: what was measured, on what, and what came out. */
export type ResultRow = {
  /** Its name in the experiment's list. */
  readonly row: string;
  readonly preset: string;
  /** Fingerprint of the model's files. */
  readonly model: string;
  readonly unit: string;
  /** All that the scores depend on beside the model: task, data, method, shots, seeds, training, decoding. */
  readonly config: Readonly<Record<string, Json>>;
  /** Items that each score is over. */
  readonly n: number;
  readonly scores: readonly Score[];
  /** How long it took; written down, as is the environment, not compared. */
  readonly seconds: number;
  readonly environment: Environment;
};

/** A row's runs by seed. */
export function scoresBySeed({ scores }: ResultRow): ReadonlyMap<number | null, number> {
  return new Map(scores.map(({ seed, score }) => [seed, score]));
}

/** A row's mean over its seeds with its interval; of a single score, that score and its interval over the items. */
export function rowEstimate({ scores }: ResultRow): Estimate {
  const [first] = scores;
  const over = estimate(scores.map(({ score }) => score));
  return scores.length === 1 && first !== undefined ? { ...over, interval: first.interval } : over;
}

/** The bytes of a file's whole lines: what a killed process left of a last one is none. */
function wholeLines(bytes: Buffer): number {
  return bytes.lastIndexOf(0x0a) + 1;
}

/** The rows that a file holds; none where there is no file. Throws CheckpointError naming a damaged line. */
export function readRows(file: string): readonly ResultRow[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const lines = bytes.toString('utf8', 0, wholeLines(bytes)).split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as ResultRow;
    } catch (cause) {
      throw new CheckpointError(
        `${file}:${i + 1}: damaged: must be one JSON document; found ${line.slice(0, 60)}`,
        { cause },
      );
    }
  });
}

/**
 * Adds a row to a file in one write and makes it last through a power cut. Processes that measure different rows may
 * share a file. Throws CheckpointError where the file system refuses.
 */
export function appendRow(file: string, row: ResultRow): void {
  writing(file, () => {
    const descriptor = openSync(file, 'a+');
    try {
      const bytes = readFileSync(descriptor);
      if (wholeLines(bytes) < bytes.length) ftruncateSync(descriptor, wholeLines(bytes));
      writeSync(descriptor, `${JSON.stringify(row)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}
