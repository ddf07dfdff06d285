import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { runExperiment } from '../experiments/runExperiment';
import { rowEstimate, type ResultRow } from '../experiments/resultRow';
import { estimateText } from '../experiments/rowText';
import { sweepNamed, sweeps } from '../experiments/sweeps';
import { backendOption } from './backendOption';
import { interruptSignal } from './interruptSignal';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { showTraining } from './showTraining';

/** What the options of an experiment parse to. */
export type SweepOptions = {
  readonly model: string;
  readonly data?: string;
  readonly out: string;
  readonly only?: RegExp;
  readonly backend?: string;
  readonly json?: boolean;
};

/** `spt sweep EXPERIMENT`: measures an experiment's rows that are missing, and shows it. */
export function sweep(command: Command): void {
  command.argument('<EXPERIMENT>', sweeps.map(({ name }) => name).join(', '));
  addSweepOptions(command).action((name: string, options: SweepOptions) => runSweep(name, options));
}

/** Adds the options of every experiment. */
export function addSweepOptions(command: Command): Command {
  return command
    .option('--model <M>', 'mini, or a folder; rows and card are kept in it', 'mini')
    .option('--data <DIR>', "the folder of the data sets (default: each set's usual place)")
    .option('--out <DIR>', 'where trainings are kept until their rows are', join('runs', 'sweeps'))
    .option('--only <PATTERN>', 'measure the rows whose names match this regular expression', pattern)
    .addOption(backendOption());
}

/** Runs an experiment: a line on stderr for each row, the card's part on stdout. */
export async function runSweep(name: string, options: SweepOptions): Promise<void> {
  const experiment = sweepNamed(name);
  const { json, ...given } = options;
  const bar = progressBar();
  const { signal, release } = interruptSignal();
  try {
    const report = await runExperiment(experiment, {
      ...given,
      signal,
      onTraining: (event) => showTraining(bar, event),
      onTexts: (done, total) => {
        if (done === total) bar.stop();
        else bar.start('texts', total, done);
      },
      onRow: (row, done, total) => {
        bar.stop();
        process.stderr.write(`${done}/${total} ${rowLine(row)}\n`);
      },
    });
    bar.stop();
    if (json === true) printDocument(report, { json });
    else process.stdout.write(`${report.card}\n`);
  } finally {
    bar.stop();
    release();
  }
}

function rowLine(row: ResultRow): string {
  return `${row.row}: ${estimateText(rowEstimate(row))} ${row.unit} in ${row.seconds} s`;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}
