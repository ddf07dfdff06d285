import { join } from 'node:path';
import type { Command } from 'commander';
import { miniRunSettings, miniRunsFolder, trainMiniRuns } from '../experiments/miniRuns';
import { loadT5 } from '../model/checkpoint';
import { resolveModel } from '../model/hub';
import { useBackend } from '../tensor/backend';
import { backendOption } from './backendOption';
import { interruptSignal } from './interruptSignal';
import { list, seeds, whole } from './options';
import { printDocument } from './print';
import { progressBar } from './progressBar';
import { showTraining } from './showTraining';

type Options = {
  readonly out?: string;
  readonly work: string;
  readonly tasks?: readonly string[];
  readonly seed?: readonly number[];
  readonly steps?: number;
  readonly backend?: string;
  readonly json?: boolean;
};

/** `spt mini-runs`: trains the runs that the notebooks read; interrupted, the same command goes on. */
export function miniRuns(command: Command): void {
  const { tasks, seeds: all, steps } = miniRunSettings;
  command
    .option('--out <DIR>', 'where the runs go (default: data/mini/runs of this package)')
    .option('--work <DIR>', 'training keeps its checkpoints here until all are done', join('runs', 'mini'))
    .option('--tasks <A,...>', `data sets (default: ${tasks.join(',')})`, list)
    .option('--seed <S,...>', `seeds (default: ${all.join(',')})`, seeds)
    .option('--steps <N>', `training steps (default: ${steps})`, whole(1))
    .addOption(backendOption())
    .action(async (options: Options) => {
      const { out = miniRunsFolder, work, backend, json, ...given } = options;
      const settings = {
        tasks: given.tasks ?? tasks,
        seeds: given.seed ?? all,
        steps: given.steps ?? steps,
      };
      await useBackend(backend);
      const model = await loadT5(resolveModel('mini'));
      const bar = progressBar();
      const { signal, release } = interruptSignal();
      try {
        const runs = await trainMiniRuns(model, {
          out,
          work,
          signal,
          settings,
          onProgress: (event, what) => {
            if (event.kind === 'start') process.stderr.write(`${what}: ${event.steps} steps\n`);
            showTraining(bar, event);
          },
        });
        bar.stop();
        printDocument({ out, runs: runs.map(({ folder }) => folder) }, { json });
      } finally {
        bar.stop();
        release();
        model.dispose();
      }
    });
}
