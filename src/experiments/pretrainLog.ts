import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import type { PretrainingTaskName } from '../tasks/mini';
import type { TeacherForced } from './teacherForced';

/** A look at the validation set after a step. */
export type PretrainEvaluation = {
  readonly step: number;
  /** Time so far, over all sessions. */
  readonly seconds: number;
  readonly tasks: Readonly<Record<PretrainingTaskName, TeacherForced>>;
};

const logFile = (folder: string): string => join(folder, 'evaluations.jsonl');

/** The looks that a pretraining's folder holds. Throws CheckpointError naming a damaged line. */
export async function readEvaluations(folder: string): Promise<readonly PretrainEvaluation[]> {
  const file = logFile(folder);
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as PretrainEvaluation;
    } catch (error) {
      throw new CheckpointError(`${file}:${i + 1}: damaged: must be one JSON document`, { cause: error });
    }
  });
}

/** Writes all looks, one JSON document a line. */
export async function writeEvaluations(
  folder: string,
  evaluations: readonly PretrainEvaluation[],
): Promise<void> {
  const text = evaluations.map((evaluation) => `${JSON.stringify(evaluation)}\n`).join('');
  await writeAtomically(logFile(folder), (handle) => handle.writeFile(text));
}
