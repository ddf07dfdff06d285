import { type Command, Option } from 'commander';
import { checkLayers } from '../analysis/captureStates';
import { projectionDefaults } from '../analysis/projection';
import { runContext, storedRuns, type StoredRun } from '../experiments/evaluateRuns';
import { projectRun } from '../experiments/projectRun';
import { ConfigError } from '../errors';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { readTask } from '../tasks';
import { type Split, splits } from '../tasks/task';
import { useBackend } from '../tensor/backend';
import { backendOption } from './backendOption';
import { layerList } from './gap';
import { seeds, whole } from './options';
import { printDocument } from './print';

type Options = {
  readonly run: string;
  /** True: all. */
  readonly layers?: readonly number[] | true;
  readonly also: readonly string[];
  readonly split: Split;
  readonly root?: string;
  readonly sentences: number;
  readonly tokens: number;
  readonly vocabulary: number;
  readonly neighbours: number;
  readonly epochs: number;
  readonly seeds: readonly number[];
  readonly backend?: string;
  readonly json?: boolean;
};

/** `spt project`: UMAP and PCA coordinates of a run's prompt and inputs, and how far the maps can be trusted. */
export function project(command: Command): void {
  const { neighbours, epochs, seeds: all } = projectionDefaults;
  command
    .requiredOption('--run <DIR>', "a finished run's folder")
    .option('--layers [LIST]', 'also after encoder layers, all or these, e.g. 0,3', layerList)
    .option('--also <DIR...>', 'further runs, set into the fitted map of the embedding', [])
    .addOption(new Option('--split <SPLIT>', 'whose inputs are mapped').choices(splits).default('dev'))
    .option('--root <DIR>', "the data set's folder (default: that of training)")
    .option('--sentences <N>', 'examples drawn of the split (default: 200)', whole(1), 200)
    .option('--tokens <N>', 'input tokens in each map (default: 300)', whole(1), 300)
    .option('--vocabulary <N>', "random tokens in the embedding's map (default: 200)", whole(0), 200)
    .option('--neighbours <N>', `UMAP's neighbours (default: ${neighbours})`, whole(2), neighbours)
    .option('--epochs <N>', `UMAP's epochs (default: ${epochs})`, whole(1), epochs)
    .option(
      '--seeds <S>',
      `the map's seed, and others for its stability (default: ${all.join(',')})`,
      seeds,
      [...all],
    )
    .addOption(backendOption())
    .action(async (options: Options) => printDocument(await projectFolder(options), options));
}

async function projectFolder(options: Options): Promise<unknown> {
  const { neighbours, epochs } = options;
  const runs = storedRuns(options.run);
  const [run] = runs as [StoredRun];
  if (runs.length > 1)
    throw new ConfigError(
      `${options.run}: holds ${runs.length} runs and a map shows one: name one, ${run.folder}, and the others with --also`,
    );
  const context = runContext(run);
  const examples = readTask(context.task, options.split, options.root ?? context.root);
  const modelFolder = resolveModel(context.model);
  await useBackend(options.backend);
  const model = await loadT5(modelFolder);
  try {
    const all = [...Array(model.config.numEncoderLayers).keys()];
    const layers = options.layers === true ? all : (options.layers ?? []);
    checkLayers(model, layers);
    return await projectRun(model, run.folder, examples, {
      layers,
      also: options.also,
      sentences: options.sentences,
      tokens: options.tokens,
      vocabulary: options.vocabulary,
      projection: { ...projectionDefaults, neighbours, epochs, seeds: options.seeds },
      seed: options.seeds[0] as number,
      onProgress: (site) => {
        if (process.stderr.isTTY) process.stderr.write(`${site}\n`);
      },
    });
  } finally {
    model.dispose();
  }
}
