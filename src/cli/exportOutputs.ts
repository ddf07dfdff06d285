import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { CheckpointError, DataError } from '../errors';
import { runContext, type StoredRun, storedRuns } from '../experiments/evaluateRuns';
import { exportOutputs as writeOutputs, type Output } from '../experiments/exportOutputs';
import { type ProtocolName, protocols } from '../metrics/protocols';
import { readTask } from '../tasks';
import { parseJson } from '../tasks/jsonFile';
import { type Split, splits } from '../tasks/task';
import { printDocument } from './print';
import { readLines } from './readLines';

type Options = {
  readonly run: string;
  readonly protocol: ProtocolName;
  readonly split: Split;
  readonly root?: string;
  readonly out?: string;
  readonly json?: boolean;
};

/** `spt export-outputs`: what `evaluate` kept with a run, as files that a protocol's official scorer reads. */
export function exportOutputs(command: Command): void {
  command
    .requiredOption('--run <DIR>', "an evaluated run's folder, or a population's")
    .addOption(
      new Option('--protocol <NAME>', 'whose files').choices(Object.keys(protocols)).makeOptionMandatory(),
    )
    .addOption(new Option('--split <SPLIT>', 'the split evaluated').choices(splits).default('test'))
    .option('--root <DIR>', "the data set's folder (default: that of training)")
    .option('--out <DIR>', "where to write (default: PROTOCOL-SPLIT in the run's folder)")
    .action(async (options: Options) => {
      const runs = storedRuns(options.run);
      const written: Record<string, readonly string[]> = {};
      for (const run of runs) {
        const name = `${options.protocol}-${options.split}`;
        const member = runs.length > 1 ? basename(run.folder) : '';
        const folder = options.out === undefined ? join(run.folder, name) : join(options.out, member);
        written[folder] = await writeOutputs(readOutputs(run, options), options.protocol, folder);
      }
      printDocument(written, options);
    });
}

const outputLine = z.object({ id: z.string(), text: z.string() });

/** A run's kept texts with their examples, one of each. Throws where it was not evaluated on the split, or the data changed since. */
function readOutputs(run: StoredRun, { split, root }: Options): readonly Output[] {
  const file = join(run.folder, `outputs-${split}.jsonl`);
  if (!existsSync(file))
    throw new CheckpointError(
      `${file}: no such file; spt evaluate --run ${run.folder} --split ${split} makes it`,
    );
  const context = runContext(run);
  const examples = new Map(
    readTask(context.task, split, root ?? context.root).map((example) => [example.id, example]),
  );
  const lines = readLines(file);
  if (lines.length !== examples.size)
    throw new DataError(
      `${file}: must have one line an example; found ${lines.length}, the ${split} split of ${context.task} has ${examples.size}`,
    );
  return lines.map((line, i) => {
    const parsed = outputLine.safeParse(parseJson(line, file, i + 1));
    if (!parsed.success) throw new DataError(`${file}:${i + 1}: a line must hold an id and a text`);
    const { id, text } = parsed.data;
    const example = examples.get(id);
    if (example === undefined)
      throw new DataError(`${file}:${i + 1}: the ${split} split of ${context.task} has no example ${id}`);
    return { example, text };
  });
}
