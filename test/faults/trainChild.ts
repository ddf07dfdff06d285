import { tf, useBackend } from '../../src/tensor/backend';
import { trainPopulation } from '../../src/training/trainer';
import { fineTuning } from '../../src/tuning/fineTuning';
import { scaledPromptTuning } from '../../src/tuning/scaledPromptTuning';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

/**
 * Trains three runs of a method in a folder, of SPT three that differ in more than their data: `trainChild.ts METHOD
 * FOLDER`. The tests kill it.
 */
async function main(method: string, out: string): Promise<void> {
  await useBackend('tensorflow');
  const model = tinyT5();
  const runs = [11, 12, 13].map((seed) => ({
    seed,
    train: tinyExamples(7, seed),
    dev: tinyExamples(3, seed + 100),
  }));
  const config = {
    steps: method === 'fine-tuning' ? 9 : 24,
    batch: 4,
    checkpointEvery: 3,
    evaluateEvery: 4,
    clipNorm: 1,
    schedule: 'cosine',
    warmupSteps: 5,
  } as const;
  const onProgress = ({ kind, step }: { kind: string; step: number }): void => {
    process.stdout.write(`${kind} ${step}\n`);
  };
  const { runs: trained } =
    method === 'fine-tuning'
      ? await trainPopulation(
          model,
          fineTuning,
          fineTuning.defaults,
          runs,
          { ...config, learningRate: 1e-3, optimizer: { name: 'adamw' } },
          { out, onProgress },
        )
      : await trainPopulation(
          model,
          scaledPromptTuning,
          { ...scaledPromptTuning.defaults, length: 4 },
          runs.map((run, i) => ({
            ...run,
            ...(i === 1 ? { method: { length: 6, scaling: 'low-rank' } } : {}),
            ...(i === 2 ? { training: { learningRate: 0.1 } } : {}),
          })),
          { ...config, learningRate: 0.3, optimizer: { name: 'adafactor' } },
          { out, onProgress },
        );
  tf.dispose(trained.map(({ params }) => params));
  model.dispose();
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
