import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CheckpointError, TrainingError } from '../../src/errors';
import type { T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { trainPopulation, type Trained, type TrainOptions } from '../../src/training/trainer';
import type { TuningMethod } from '../../src/tuning/method';
import { promptTuning, type PromptTuningConfig } from '../../src/tuning/promptTuning';
import { temporaryFolder } from '../support/temporaryFolder';
import { tinyExamples, tinyT5 } from '../support/tinyT5';

let model: T5;
beforeAll(async () => {
  await useBackend('tensorflow');
  model = tinyT5();
});
afterAll(() => {
  model.dispose();
});

const methodConfig = { ...promptTuning.defaults, length: 3 };
const runs = [5, 6].map((seed) => ({ seed, train: tinyExamples(5, seed) }));

async function attempt(
  options: TrainOptions,
  method: TuningMethod<PromptTuningConfig> = promptTuning,
): Promise<Trained> {
  const config = { steps: 10, batch: 3, learningRate: 0.05, checkpointEvery: 4 };
  const trained = await trainPopulation(model, method, methodConfig, runs, config, options);
  tf.dispose(trained.runs.map(({ params }) => params));
  return trained;
}

const adapters = (out: string): string[] =>
  runs.map(({ seed }) => readFileSync(join(out, `seed-${seed}`, 'adapter.safetensors')).toString('hex'));

describe('a loss that is no number', () => {
  it('stops the training, says where, and leaves the last good checkpoint to go on from', async () => {
    const [whole, out] = [temporaryFolder(), temporaryFolder()];
    await attempt({ out: whole });
    let passes = 0;
    /** From its 7th pass on, the second run's prompt is poisoned. */
    const poisoned: TuningMethod<PromptTuningConfig> = {
      ...promptTuning,
      apply: (t5, config, params) => {
        passes += 1;
        const prompt = params['prompt'] as tf.Tensor;
        const factor = passes < 7 ? 1 : NaN;
        return promptTuning.apply(t5, config, { prompt: prompt.mul(tf.tensor([1, factor], [2, 1, 1])) });
      },
    };
    const tensors = tf.memory().numTensors;
    const failed = attempt({ out }, poisoned);
    await expect(failed).rejects.toThrow(TrainingError);
    await expect(failed).rejects.toThrow(
      `seed-6: the loss is NaN at step 7; the checkpoint of step 4 stays in ${out}`,
    );
    expect(tf.memory().numTensors).toBe(tensors);
    expect(existsSync(join(out, '.lock'))).toBe(false);
    const starts: number[] = [];
    await attempt({
      out,
      onProgress: ({ kind, step }) => {
        if (kind === 'start') starts.push(step);
      },
    });
    expect(starts).toEqual([4]);
    expect(adapters(out)).toEqual(adapters(whole));
  });
});

describe.skipIf(!existsSync('/dev/full'))('a disk that is full', () => {
  /** Lets a training meet a full disk at its 6th step, where `break_` puts /dev/full in a file's place. */
  async function meets(
    breaking: (out: string) => void,
    mending: (out: string) => void,
    file: string,
  ): Promise<void> {
    const [whole, out] = [temporaryFolder(), temporaryFolder()];
    await attempt({ out: whole });
    const failed = attempt({
      out,
      onProgress: ({ kind, step }) => {
        if (kind === 'step' && step === 6) breaking(out);
      },
    });
    await expect(failed).rejects.toThrow(CheckpointError);
    await expect(failed).rejects.toThrow(
      `${join(out, file)}: cannot be written: no space is left on the disk`,
    );
    mending(out);
    const starts: number[] = [];
    await attempt({
      out,
      onProgress: ({ kind, step }) => {
        if (kind === 'start') starts.push(step);
      },
    });
    expect(starts).toEqual([4]);
    expect(adapters(out)).toEqual(adapters(whole));
  }

  it('at a checkpoint keeps the one before', () => {
    const file = join('checkpoint', 'state.safetensors');
    return meets(
      (out) => symlinkSync('/dev/full', join(out, `${file}.partial`)),
      (out) => expect(existsSync(join(out, `${file}.partial`))).toBe(false),
      file,
    );
  });

  it('at a line of metrics keeps the checkpoint', () => {
    const file = join('seed-6', 'metrics.jsonl');
    return meets(
      (out) => {
        renameSync(join(out, file), join(out, 'aside'));
        symlinkSync('/dev/full', join(out, file));
      },
      (out) => renameSync(join(out, 'aside'), join(out, file)),
      file,
    );
  });
});

describe('a folder that cannot be written', () => {
  it('is refused before anything is trained', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(attempt({ out: join(folder, 'file', 'run') })).rejects.toThrow(
      `${join(folder, 'file', 'run')}: cannot be written: a part of its path is no folder`,
    );
    await expect(attempt({ out: join(folder, 'file') })).rejects.toThrow(
      `${join(folder, 'file')}: cannot be written`,
    );
  });

  it.skipIf(process.getuid?.() === 0)('is refused where permissions forbid it', async () => {
    const folder = join(temporaryFolder(), 'locked');
    mkdirSync(folder, { mode: 0o500 });
    await expect(attempt({ out: folder })).rejects.toThrow(
      `${folder}: cannot be written: the folder is not writable`,
    );
    await expect(attempt({ out: join(folder, 'run') })).rejects.toThrow('the folder is not writable');
    rmSync(folder, { recursive: true });
  });
});
