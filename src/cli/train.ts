import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TrainingError } from '../errors';
import { fewShotConfig, type FewShotConfig } from '../experiments/fewShotConfig';
import { drawFewShot, isTrained, trainFewShot } from '../experiments/trainFewShot';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { tasks } from '../tasks';
import { splits } from '../tasks/task';
import { tf, useBackend } from '../tensor/backend';
import { type Metric, readMetrics, runFolder } from '../training/runStore';
import type { Trained, TrainEvent } from '../training/trainer';
import { methods } from '../tuning';
import { scalings } from '../tuning/scaling';
import { backendOption } from './backendOption';
import { interruptSignal } from './interruptSignal';
import { positive, seeds, whole } from './options';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { readConfig } from './readConfig';
import { showTraining } from './showTraining';

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

/** `spt train`: one run, or a population of several seeds. */
export function train(command: Command): void {
  command
    .option('--model <M>', 'mini, a folder, or a Hugging Face name in the cache')
    .option('--task <DATASET>', Object.keys(tasks).join(', '))
    .option('--root <DIR>', "the data set's folder, or the one that holds it")
    .option('--method <NAME>', methods.map((method) => method.name).join(', '))
    .option(
      '--config <FILE>',
      'JSON with the same keys in camelCase and further ones; options come before it',
    )
    .option('--shots <K>', 'examples drawn from the train split', whole(1))
    .option('--seed <S,...>', 'seeds, one run each (default: 0)', seeds)
    .option('--out <DIR>', 'the run, or seed-S of each of several (default: runs/<id>)')
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
      const missing = required.find((key) => input[key] === undefined);
      if (missing !== undefined)
        command.error(`error: --${missing} is missing, and so is its key in a --config file`);
      const config = fewShotConfig(input);
      const folder = out ?? join('runs', runName(config));
      if (!isTrained(config, folder)) await run(config, folder, backend);
      printRuns(config, folder, { json });
    });
}

/** A name that the same experiment always has. */
function runName(config: FewShotConfig): string {
  const id = createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 8);
  return `${config.task}-${config.method.method}-${config.shots}-${id}`;
}

async function run(config: FewShotConfig, out: string, backend: string | undefined): Promise<void> {
  const data = drawFewShot(config);
  const modelFolder = resolveModel(config.model);
  await useBackend(backend);
  const model = await loadT5(modelFolder);
  const bar = progressBar();
  const { signal, release } = interruptSignal();
  let trained: Trained | undefined;
  let step = 0;
  const onProgress = (event: TrainEvent): void => {
    ({ step } = event);
    showTraining(bar, event);
  };
  try {
    trained = await trainFewShot(model, config, data, { out, signal, onProgress });
  } finally {
    trained?.runs.forEach((one) => tf.dispose(one.params));
    release();
    bar.stop();
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
  config: FewShotConfig,
  out: string,
  { json }: { readonly json: boolean | undefined },
): void {
  const runs = config.seeds.map((seed) => {
    const folder = runFolder(out, seed, config.seeds.length);
    const metrics = readMetrics(folder);
    const last = metrics.filter((metric) => 'loss' in metric).at(-1);
    return { seed, folder, steps: config.training.steps, loss: last?.loss ?? null, best: bestOf(metrics) };
  });
  if (json === true) {
    printDocument({ out, config, runs }, { json });
    return;
  }
  for (const { seed, folder, steps, loss, best } of runs) {
    const chosen = best === null ? '' : `, best dev loss ${best.devLoss.toFixed(4)} at step ${best.step}`;
    process.stdout.write(
      `${folder}: seed ${seed}, ${steps} steps, loss ${loss?.toFixed(4) ?? 'unknown'}${chosen}\n`,
    );
  }
}
