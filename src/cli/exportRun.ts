import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { storedRuns } from '../experiments/evaluateRuns';
import { exportPeft } from '../experiments/exportPeft';
import type { PeftSettings } from '../tuning/peft/peftFormat';
import { useBackend } from '../tensor/backend';
import { printDocument } from './print';

type Options = { readonly run: string; readonly out: string; readonly json?: boolean };

/** `spt export`: a finished run as an adapter that other tools read; of a population, each run's by the name of its folder. */
export function exportRun(command: Command): void {
  command
    .requiredOption('--run <DIR>', "a finished run's folder, or a population's")
    .addOption(new Option('--format <NAME>', 'whose adapter').choices(['peft']).makeOptionMandatory())
    .requiredOption('--out <DIR>', "the adapter's folder, or of a population seed-S in it")
    .action(async (options: Options) => {
      const runs = storedRuns(options.run);
      await useBackend();
      const written: Record<string, PeftSettings> = {};
      for (const { folder } of runs) {
        const out = runs.length > 1 ? join(options.out, basename(folder)) : options.out;
        written[out] = await exportPeft(folder, out);
      }
      printDocument(written, options);
    });
}
