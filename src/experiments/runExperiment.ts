import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CheckpointError, ConfigError, TrainingError } from '../errors';
import { loadT5 } from '../model/checkpoint';
import { generationConfig } from '../model/generationConfig';
import { resolveModel } from '../model/hub';
import { useBackend } from '../tensor/backend';
import { differences, environment, type Environment } from '../training/runStore';
import { writeCardPart } from './cardPart';
import type { Experiment } from './experiment';
import { modelFingerprint } from './modelFingerprint';
import { appendRow, readRows, type ResultRow } from './resultRow';
import { rowKind, type RowSpec } from './rows';
import type { RowContext, RowPlace } from './rows/rowKind';
import { type Finding, judge } from './rule';

export type RunExperimentOptions = Pick<RowContext, 'signal' | 'onTraining' | 'onTexts'> & {
  /** `mini`, a folder, or a Hugging Face name. */
  readonly model: string;
  /** The folder that holds the data sets (default: each one's usual place). */
  readonly data?: string;
  /** Where trainings are kept until their rows are; the same folder serves all models and experiments. */
  readonly out: string;
  /** Measure the rows whose names match, and no others. */
  readonly only?: RegExp;
  readonly backend?: string;
  /** Told after a row is kept: it is number `done` of the `total` that were missing. */
  readonly onRow?: (row: ResultRow, done: number, total: number) => void;
};

/** Where an experiment stands: its rows that are measured, in its order, the names of the others, and its rules' findings. */
export type ExperimentReport = {
  readonly experiment: string;
  readonly preset: string;
  readonly model: string;
  /** The file that keeps the rows. */
  readonly file: string;
  readonly rows: readonly ResultRow[];
  readonly missing: readonly string[];
  readonly findings: readonly Finding[];
  /** The card's part. */
  readonly card: string;
};

/**
 * Measures an experiment's rows that are not there yet, keeps each in `NAME.jsonl` beside the model as soon as it is
 * measured, judges the rules, and rewrites the experiment's part of the model's card. Killed at any time, the same call
 * goes on: trainings from their last checkpoint, rows from the last one kept.
 *
 * @throws CheckpointError where the file holds rows of another model, or a row measured otherwise than asked for.
 * @throws TrainingError when interrupted.
 */
export async function runExperiment(
  experiment: Experiment,
  options: RunExperimentOptions,
): Promise<ExperimentReport> {
  const { only, onRow } = options;
  const folder = resolveModel(options.model);
  const file = join(folder, `${experiment.name}.jsonl`);
  const place: RowPlace = {
    modelName: options.model === 'mini' ? 'mini' : folder,
    fingerprint: modelFingerprint(folder),
    data: options.data === undefined ? undefined : resolve(options.data),
    runs: resolve(options.out),
    generation: generationConfig(experiment.generation),
  };
  const specs = experiment.rows.filter(({ name }) => only === undefined || only.test(name));
  if (specs.length === 0)
    throw new ConfigError(
      `${experiment.name}: no row is named so; rows are ${experiment.rows.map(({ name }) => name).join(', ')}`,
    );
  const open = specs.filter((spec) => !isKept(spec, file, place));
  if (open.length > 0) {
    mkdirSync(place.runs, { recursive: true });
    await useBackend(options.backend);
    const model = await loadT5(folder);
    // Rows are kept where git may look: what they are measured by is the checkout as it was before the first.
    const ranOn = environment();
    try {
      for (const [i, spec] of open.entries()) {
        const row = await measured(spec, experiment.preset, ranOn, {
          ...place,
          ...options,
          model,
          data: place.data,
        });
        appendRow(file, row);
        rowKind(spec).tidyUp?.(spec, place);
        onRow?.(row, i + 1, open.length);
      }
    } catch (error) {
      if (options.signal?.aborted !== true) throw error;
      throw new TrainingError(`interrupted; ${file} keeps the finished rows, the same command goes on`, {
        cause: error,
      });
    } finally {
      model.dispose();
    }
  }
  const byName = new Map(readRows(file).map((row) => [row.row, row]));
  const rows = experiment.rows.map(({ name }) => byName.get(name)).filter((row) => row !== undefined);
  const findings = judge(experiment.rules, rows);
  const card = experiment.card(rows, findings);
  await writeCardPart(folder, experiment.name, card);
  const missing = experiment.rows.map(({ name }) => name).filter((name) => !byName.has(name));
  const { name, preset } = experiment;
  return { experiment: name, preset, model: place.fingerprint, file, rows, missing, findings, card };
}

/** Whether the file has the row. Throws CheckpointError where it is another model's, or was measured otherwise. */
function isKept(spec: RowSpec, file: string, place: RowPlace): boolean {
  const rows = readRows(file);
  const foreign = rows.find(({ model }) => model !== place.fingerprint);
  if (foreign !== undefined)
    throw new CheckpointError(
      `${file}: must hold rows of the model beside it, ${place.fingerprint}; found ${foreign.row} of ${foreign.model}: ` +
        'move the file away to measure this model',
    );
  const kept = rows.find(({ row }) => row === spec.name);
  if (kept === undefined) return false;
  const config: unknown = JSON.parse(JSON.stringify(rowKind(spec).config(spec, place)));
  const differing = differences(kept.config, config);
  if (differing.length > 0)
    throw new CheckpointError(
      `${file}: ${spec.name}: was measured otherwise: ${differing.join('; ')}; delete its line to measure it anew`,
    );
  return true;
}

async function measured(
  spec: RowSpec,
  preset: string,
  ranOn: Environment,
  context: RowContext,
): Promise<ResultRow> {
  const kind = rowKind(spec);
  const began = performance.now();
  const { n, scores } = await kind.measure(spec, context);
  return {
    row: spec.name,
    preset,
    model: context.fingerprint,
    unit: kind.unit,
    config: kind.config(spec, context),
    n,
    scores,
    seconds: Math.round((performance.now() - began) / 1000),
    environment: ranOn,
  };
}
