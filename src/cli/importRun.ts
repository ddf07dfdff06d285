import { type Command, Option } from 'commander';
import { ConfigError } from '../errors';
import { importPeft, readPeftSettings } from '../experiments/importPeft';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { taskNamed, tasks } from '../tasks';
import { useBackend } from '../tensor/backend';
import { printDocument } from './print';

type Options = {
  readonly adapter: string;
  readonly model?: string;
  readonly task: string;
  readonly root?: string;
  readonly out: string;
  readonly json?: boolean;
};

/** `spt import`: a run's folder out of another tool's adapter, for evaluate, generate and gap. */
export function importRun(command: Command): void {
  command
    .addOption(new Option('--from <NAME>', 'whose adapter').choices(['peft']).makeOptionMandatory())
    .requiredOption('--adapter <DIR>', "the adapter's folder")
    .option(
      '--model <M>',
      'mini, a folder, or a Hugging Face name in the cache (default: what the adapter names)',
    )
    .requiredOption(
      '--task <DATASET>',
      `the data that the run is evaluated on: ${Object.keys(tasks).join(', ')}`,
    )
    .option('--root <DIR>', "the data set's folder, or the one that holds it")
    .requiredOption('--out <DIR>', "the run's folder")
    .action(async ({ adapter, task, root, out, json, ...options }: Options) => {
      taskNamed(task);
      const name = options.model ?? readPeftSettings(adapter)['base_model_name_or_path'];
      if (typeof name !== 'string')
        throw new ConfigError(`${adapter}: the adapter names no model; --model does`);
      const modelFolder = resolveModel(name);
      await useBackend();
      const model = await loadT5(modelFolder);
      try {
        printDocument(await importPeft(model, adapter, out, { model: name, task, root: root ?? null }), {
          json,
        });
      } finally {
        model.dispose();
      }
    });
}
