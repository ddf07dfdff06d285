import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkLayers } from '../analysis/captureStates';
import { type EmbeddingGap, embeddingGap } from '../analysis/embeddingGap';
import { sampleRows } from '../analysis/sampleRows';
import { runContext, storedRuns, type StoredRun } from '../experiments/evaluateRuns';
import { gapOfRun, type RunGap, runGapDefaults } from '../experiments/gapOfRun';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { readTask } from '../tasks';
import { type Split, splits } from '../tasks/task';
import { useBackend } from '../tensor/backend';
import { random } from '../tensor/random';
import { backendOption } from './backendOption';
import { list, whole } from './options';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { readEmbeddings } from './readEmbeddings';

type Common = { readonly permutations: number; readonly seed: number; readonly json?: boolean };

type Files = { readonly prompt: string; readonly inputs: string; readonly maxInputs: number };

type Run = {
  readonly run: string;
  readonly split: Split;
  readonly root?: string;
  /** True: all. */
  readonly layers?: readonly number[] | true;
  readonly heads?: boolean;
  readonly beforeAfter?: boolean;
  readonly sentences: number;
  readonly tokens: number;
  readonly backend?: string;
};

/** Parses encoder layers separated by commas, each once. */
export function layerList(text: string): number[] {
  const layers = list(text).map(whole(0));
  if (new Set(layers).size < layers.length) throw new InvalidArgumentError('Each layer may stand once.');
  return layers;
}

/**
 * `spt gap`: every measure of the gap between prompt vectors and input vectors, from two files or of a finished run; of a
 * population, each run's by the name of its folder.
 */
export function gap(command: Command): void {
  const { sentences, tokens } = runGapDefaults;
  command
    .option('--prompt <FILE>', 'safetensors with `embeddings` [n, d]')
    .option('--inputs <FILE>', 'the same for input tokens; with `sentences` [n], sentences are resampled')
    .option('--max-inputs <N>', 'input vectors compared; of more, a sample (default: 4000)', whole(1), 4000)
    .option('--run <DIR>', "a finished run's folder, or a population's, in place of files")
    .option('--layers [LIST]', 'also after encoder layers, all or these, e.g. 0,3', layerList)
    .option('--heads', 'also queries, keys, values and attention masses of each head of these layers')
    .option('--before-after', 'layers and heads for P alone beside s * P')
    .addOption(new Option('--split <SPLIT>', 'whose inputs are compared').choices(splits).default('dev'))
    .option('--root <DIR>', "the data set's folder (default: that of training)")
    .option('--sentences <N>', `examples drawn of the split (default: ${sentences})`, whole(1), sentences)
    .option('--tokens <N>', `input tokens compared (default: ${tokens})`, whole(1), tokens)
    .option('--permutations <N>', 'relabellings of each test (default: 999)', whole(0), 999)
    .option('--seed <N>', 'seed of samples and relabellings (default: 0)', whole(0), 0)
    .addOption(backendOption())
    .action(async (options: Common & Partial<Files> & Partial<Run>) => {
      const { prompt, inputs, run } = options;
      if (run !== undefined && prompt === undefined && inputs === undefined)
        printDocument(await gapOfFolder(options as Common & Run), options);
      else if (run === undefined && prompt !== undefined && inputs !== undefined)
        printDocument(await gapOfFiles(options as Common & Files), options);
      else command.error('error: give either --run, or --prompt and --inputs');
    });
}

async function gapOfFolder(options: Common & Run): Promise<RunGap | Readonly<Record<string, RunGap>>> {
  const runs = storedRuns(options.run);
  const context = runContext(runs[0] as StoredRun);
  const examples = readTask(context.task, options.split, options.root ?? context.root);
  const modelFolder = resolveModel(context.model);
  await useBackend(options.backend);
  const model = await loadT5(modelFolder);
  const bar = progressBar();
  try {
    const all = [...Array(model.config.numEncoderLayers).keys()];
    const layers =
      options.layers === true || (options.layers === undefined && options.heads)
        ? all
        : (options.layers ?? []);
    checkLayers(model, layers);
    const found: [string, RunGap][] = [];
    for (const { folder } of runs) {
      bar.start(basename(folder), Math.min(options.sentences, examples.length), 0);
      const result = await gapOfRun(model, folder, examples, {
        layers,
        heads: options.heads ?? false,
        beforeAfter: options.beforeAfter ?? false,
        sentences: options.sentences,
        tokens: options.tokens,
        permutations: options.permutations,
        seed: options.seed,
        onProgress: (done) => bar.update(done, ''),
      });
      bar.stop();
      found.push([basename(folder), result]);
    }
    return found.length === 1 ? (found[0] as [string, RunGap])[1] : Object.fromEntries(found);
  } finally {
    bar.stop();
    model.dispose();
  }
}

async function gapOfFiles({
  prompt,
  inputs,
  maxInputs,
  permutations,
  seed,
}: Common & Files): Promise<EmbeddingGap> {
  const [p, x] = [await readEmbeddings(prompt), await readEmbeddings(inputs)];
  const rows = sampleRows(x.vectors.length, maxInputs, random(seed).fork('inputs'));
  if (rows.length < x.vectors.length)
    process.stderr.write(
      `${inputs}: ${rows.length} of ${x.vectors.length} vectors are compared (--max-inputs)\n`,
    );
  return embeddingGap(
    p.vectors,
    rows.map((row) => x.vectors[row] as Float32Array),
    {
      permutations,
      seed,
      units: {
        ...(p.sentences === undefined ? {} : { prompt: p.sentences }),
        ...(x.sentences === undefined ? {} : { inputs: rows.map((row) => x.sentences?.[row] as number) }),
      },
    },
  );
}
