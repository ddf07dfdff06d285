import { join } from 'node:path';
import type { Command } from 'commander';
import { TrainingError } from '../errors';
import { pretrain as pretrainModel } from '../experiments/pretrain';
import { pretrainConfig } from '../experiments/pretrainConfig';
import { miniSeed, miniSets, writeMini } from '../tasks/mini';
import { useBackend } from '../tensor/backend';
import { backendOption } from './backendOption';
import { interruptSignal } from './interruptSignal';
import { positive, whole } from './options';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { readConfig } from './readConfig';
import { showTraining } from './showTraining';
import { addSweepOptions, runSweep, type SweepOptions } from './sweep';

type Options = {
  readonly config?: string;
  readonly out: string;
  readonly modelFolder?: string;
  readonly backend?: string;
  readonly json?: boolean;
};

const jsonOption = 'print one JSON document on stdout and nothing else';

/**
 * `spt pretrain`: how the mini model was made; the same command again goes on with it. `spt pretrain gates`: whether it is
 * worth measuring on. `spt pretrain data`: the downstream sets, of this seed or another.
 */
export function pretrain(command: Command): void {
  const gates = command.command('gates').description("the model's gates; measures what is missing");
  addSweepOptions(gates)
    .option('--json', jsonOption)
    .action((options: SweepOptions) => runSweep('gates', options));
  command
    .command('data')
    .description('write the six mini sets, each into its folder')
    .requiredOption('--out <DIR>', 'the folder of the sets')
    .option('--seed <S>', 'seed of their records and texts', whole(0), miniSeed)
    .option('--json', jsonOption)
    .action(({ out, seed, json }: { out: string; seed: number; json?: boolean }) => {
      writeMini(out, seed);
      printDocument({ out, seed, sets: Object.keys(miniSets) }, { json });
    });
  command
    .option('--config <FILE>', 'JSON with the keys of the pretraining; options come before it')
    .option('--seed <S>', 'seed of weights and data', whole(0))
    .option('--steps <N>', 'training steps', whole(1))
    .option('--batch <N>', 'examples a step', whole(1))
    .option('--learning-rate <X>', 'highest learning rate', positive)
    .option('--out <DIR>', 'the training, its log and checkpoints', join('runs', 'pretrain'))
    .option('--model-folder <DIR>', 'where the finished model goes (default: model in the folder of --out)')
    .addOption(backendOption())
    .action(async (options: Options & Record<string, unknown>) => {
      const { config: file, out, modelFolder, backend, json, ...given } = options;
      const config = pretrainConfig({ ...(file === undefined ? {} : readConfig(file)), ...given });
      await useBackend(backend);
      const bar = progressBar();
      const { signal, release } = interruptSignal();
      const folder = modelFolder ?? join(out, 'model');
      try {
        const { evaluations, skills } = await pretrainModel({
          ...config,
          out,
          model: folder,
          signal,
          onProgress: (event) => showTraining(bar, event),
        });
        const last = evaluations.at(-1);
        if (skills === null)
          throw new TrainingError(`interrupted; ${out} keeps the last checkpoint, the same command goes on`);
        bar.stop();
        printDocument({ model: folder, steps: config.steps, last, skills }, { json });
      } finally {
        bar.stop();
        release();
      }
    });
}
