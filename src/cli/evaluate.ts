import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { evaluateRuns, runContext, type StoredRun, storedRuns } from '../experiments/evaluateRuns';
import { chosenMetrics } from '../metrics/chosenMetrics';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { modelShape, passProduct } from '../model/shapes';
import { readTask } from '../tasks';
import { type Split, splits } from '../tasks/task';
import { useBackend } from '../tensor/backend';
import { defaultRows } from '../training/generateSorted';
import { backendOption } from './backendOption';
import { addGenerationOptions, generationOptions } from './generationOptions';
import { whole } from './options';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { addScoringOptions, scoringChoice, type ScoringOptions } from './scoringOptions';

type Options = ScoringOptions & {
  readonly run: string;
  readonly split: Split;
  readonly root?: string;
  readonly rows?: number;
  readonly backend?: string;
  readonly json?: boolean;
};

/**
 * `spt evaluate`: a finished run's texts for a split and their scores, kept in the run's folder; of a population, each
 * run's by the name of its folder.
 */
export function evaluate(command: Command): void {
  command
    .requiredOption('--run <DIR>', "a finished run's folder, or a population's")
    .addOption(new Option('--split <SPLIT>', 'the split').choices(splits).makeOptionMandatory());
  addScoringOptions(command)
    .option('--root <DIR>', "the data set's folder (default: that of training)")
    .option('--rows <N>', 'rows decoded together, over all runs and beams (default: 64)', whole(1));
  addGenerationOptions(command);
  command.addOption(backendOption()).action(async (options: Options & Record<string, unknown>) => {
    const choice = scoringChoice(options);
    // An unknown name is told before data and model are read.
    chosenMetrics(choice, 'outputs');
    const runs = storedRuns(options.run);
    const context = runContext(runs[0] as StoredRun);
    const examples = readTask(context.task, options.split, options.root ?? context.root);
    const modelFolder = resolveModel(context.model);
    const work = passProduct(modelShape(context.model), options.rows ?? defaultRows);
    await useBackend(options.backend, work);
    const model = await loadT5(modelFolder);
    const bar = progressBar();
    bar.start('texts', examples.length, 0);
    try {
      const scores = await evaluateRuns(model, runs, options.split, examples, choice.metrics, {
        protocol: choice.protocol,
        generation: generationOptions(options),
        onProgress: (done) => bar.update(done, ''),
        ...(options.rows === undefined ? {} : { rows: options.rows }),
      });
      bar.stop();
      const bySeed = runs.map(({ folder }, i) => [basename(folder), scores[i]] as const);
      printDocument(runs.length === 1 ? scores[0] : Object.fromEntries(bySeed), options);
    } finally {
      bar.stop();
      model.dispose();
    }
  });
}
