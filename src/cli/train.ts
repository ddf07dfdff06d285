import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TrainingError } from '../errors';
import { fewShotConfigs, type NamedConfig } from '../experiments/fewShotRuns';
import {
  areTrained,
  drawFewShots,
  type FewShotData,
  fewShotFolders,
  trainFewShots,
} from '../experiments/trainFewShot';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { modelShape, passProduct } from '../model/shapes';
import { tasks } from '../tasks';
import { splits } from '../tasks/task';
import { tf, useBackend } from '../tensor/backend';
import { type Metric, readMetrics } from '../training/runStore';
import type { Trained, TrainEvent } from '../training/trainer';
import { methods } from '../tuning';
import { scalings } from '../tuning/scaling';
import { backendOption } from './backendOption';
import { interruptSignal } from './interruptSignal';
import { positive, seeds, whole } from './options';
import { printDocument } from './print';
import { readConfig } from './readConfig';
import { runBars } from './runBars';

type Options = {
  readonly config?: string;
  readonly out?: string;
  readonly backend?: string;
  readonly json?: boolean;
};

/** Keys without which there is no experiment, given as options or in the file. */
const required = ['model', 'task', 'method', 'shots'] as const;

/** Initial values of a prompt as `KIND` or `KIND:VALUE`. */
function promptInit(text: string): Readonly<Record<string, string | number>> {
  const [kind = '', ...rest] = text.split(':');
  const keys: Readonly<Record<string, string>> = {
    uniform: 'range',
    sampledVocabulary: 'commonest',
    embeddedText: 'text',
    fromPrompt: 'path',
  };
  const key = keys[kind];
  if (key === undefined) throw new InvalidArgumentError(`It must be one of ${Object.keys(keys).join(', ')}.`);
  if (rest.length === 0) return { kind };
  const value = rest.join(':');
  return { kind, [key]: key === 'text' || key === 'path' ? value : positive(value) };
}

/** Of the memory that is free, what a step of a population may take: tensors come and go beside those that are counted. */
const memoryShare = 0.6;

/** `spt train`: one run, or a population of several seeds or, by the file's key `runs`, configurations. */
export function train(command: Command): void {
  command
    .option('--model <M>', 'mini, a folder, or a Hugging Face name in the cache')
    .option('--task <DATASET>', Object.keys(tasks).join(', '))
    .option('--root <DIR>', "the data set's folder, or the one that holds it")
    .option('--method <NAME>', methods.map((method) => method.name).join(', '))
    .option(
      '--config <FILE>',
      'JSON with the same keys in camelCase and further ones, options come before it; its key "runs" makes a population: ' +
        'what each differs in, [{"length": 20}, {"scaling": "scalar"}], or lists of values, {"shots": [10, 100]}',
    )
    .option('--shots <K>', 'examples drawn from the train split', whole(1))
    .option('--seed <S,...>', 'seeds, one run each (default: 0)', seeds)
    .option('--out <DIR>', 'the run, or a folder for each of several (default: runs/<id>)')
    .option('--steps <N>', 'training steps', whole(1))
    .option('--batch <N>', 'examples a step', whole(1))
    .option('--learning-rate <X>', 'learning rate', positive)
    .addOption(new Option('--optimizer <NAME>', 'optimizer').choices(['adamw', 'adafactor']))
    .option('--length <N>', 'prompt tokens', whole(1))
    .option('--scaling <NAME>', `scaling of the prompt: ${Object.keys(scalings).join(', ')}`)
    .option(
      '--init <KIND[:VALUE]>',
      'initial prompt: uniform[:RANGE], sampledVocabulary[:COMMONEST], embeddedText:TEXT, fromPrompt:RUN',
      promptInit,
    )
    .addOption(new Option('--references <WHICH>', 'targets of an example').choices(['one', 'all']))
    .option('--dev-size <N>', 'dev examples that the best step is chosen on (default: at most 100)', whole(1))
    .addOption(new Option('--train-split <SPLIT>', 'the split that shots come from').choices(splits))
    .addOption(new Option('--dev-split <SPLIT>', 'the split that the best step is chosen on').choices(splits))
    .addOption(backendOption())
    .action(async ({ config: file, out, backend, json, ...given }: Options & Record<string, unknown>) => {
      const input = { ...(file === undefined ? {} : readConfig(file)), ...given };
      const missing = required.find(
        (key) => input[key] === undefined && !(key === 'shots' && input['runs'] !== undefined),
      );
      if (missing !== undefined)
        command.error(`error: --${missing} is missing, and so is its key in a --config file`);
      const experiments = fewShotConfigs(input);
      const folder = out ?? join('runs', runName(experiments));
      if (!areTrained(experiments, folder)) await run(experiments, folder, backend);
      printRuns(experiments, folder, { json });
    });
}

/** What is printed and hashed of experiments: a single one's configuration alone. */
function described(experiments: readonly NamedConfig[]): unknown {
  const [first] = experiments;
  return experiments.length === 1 && first?.name === undefined ? first?.config : experiments;
}

/** A name that the same experiments always have. */
function runName(experiments: readonly NamedConfig[]): string {
  const id = createHash('sha256')
    .update(JSON.stringify(described(experiments)))
    .digest('hex')
    .slice(0, 8);
  const [{ config }] = experiments as [NamedConfig];
  const shots = [...new Set(experiments.map((one) => one.config.shots))].join(',');
  return `${config.task}-${config.method.method}-${shots}-${id}`;
}

async function run(
  experiments: readonly NamedConfig[],
  out: string,
  backend: string | undefined,
): Promise<void> {
  const data = drawFewShots(experiments.map(({ config }) => config));
  const [{ config }] = experiments as [NamedConfig];
  const modelFolder = resolveModel(config.model);
  // Sources and prompt make about a hundred tokens.
  const rows = experiments.reduce((sum, one) => sum + one.config.training.batch * one.config.seeds.length, 0);
  await useBackend(backend, passProduct(modelShape(config.model), 100 * rows));
  const model = await loadT5(modelFolder);
  const bars = runBars();
  const { signal, release } = interruptSignal();
  let trained: Trained | undefined;
  let step = 0;
  const onProgress = (event: TrainEvent): void => {
    ({ step } = event);
    bars.show(event);
  };
  try {
    const withData = experiments.map((one, i) => ({ ...one, data: data[i] as FewShotData }));
    const memoryLimit = memoryShare * process.availableMemory();
    trained = await trainFewShots(model, withData, { out, signal, onProgress, memoryLimit });
  } finally {
    trained?.runs.forEach((one) => tf.dispose(one.params));
    release();
    bars.stop();
    model.dispose();
  }
  if (trained.stopped)
    throw new TrainingError(`interrupted after step ${step}; ${out} keeps it, the same command goes on`);
}

/** The best look at the dev split among a run's metrics; the earliest of equal ones, as in training. */
function bestOf(metrics: readonly Metric[]): { readonly step: number; readonly devLoss: number } | null {
  const looks = metrics.filter((metric) => 'devLoss' in metric);
  return looks.reduce<(typeof looks)[number] | null>(
    (best, look) => (best === null || look.devLoss < best.devLoss ? look : best),
    null,
  );
}

function printRuns(
  experiments: readonly NamedConfig[],
  out: string,
  { json }: { readonly json: boolean | undefined },
): void {
  const runs = fewShotFolders(experiments, out).map(({ config, seed, folder }) => {
    const metrics = readMetrics(folder);
    const last = metrics.filter((metric) => 'loss' in metric).at(-1);
    return { seed, folder, steps: config.training.steps, loss: last?.loss ?? null, best: bestOf(metrics) };
  });
  if (json === true) {
    printDocument({ out, config: described(experiments), runs }, { json });
    return;
  }
  for (const { seed, folder, steps, loss, best } of runs) {
    const chosen = best === null ? '' : `, best dev loss ${best.devLoss.toFixed(4)} at step ${best.step}`;
    process.stdout.write(
      `${folder}: seed ${seed}, ${steps} steps, loss ${loss?.toFixed(4) ?? 'unknown'}${chosen}\n`,
    );
  }
}
