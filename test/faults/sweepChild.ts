import { join } from 'node:path';
import { runExperiment } from '../../src/experiments/runExperiment';
import { tinyExperiment } from '../support/tinyExperiment';

/** Measures the tiny experiment in a folder that holds model and data: `sweepChild.ts FOLDER`. The tests kill it. */
async function main(folder: string): Promise<void> {
  await runExperiment(tinyExperiment, {
    model: join(folder, 'model'),
    data: join(folder, 'data'),
    out: join(folder, 'runs'),
    only: /^(frozen|prompts.*|weights)$/,
    onTraining: ({ kind, step }) => process.stdout.write(`${kind} ${step}\n`),
    onRow: ({ row }) => process.stdout.write(`row ${row}\n`),
  });
}

void main(process.argv[2] ?? '');
