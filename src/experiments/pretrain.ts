import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../model/atomicFile';
import type { EncodedExample } from '../model/batch';
import { initT5, saveT5 } from '../model/checkpoint';
import { type T5Config, t5v10 } from '../model/config';
import type { WeightName } from '../model/sites';
import type { T5 } from '../model/t5';
import { loadTokenizer, saveTokenizer, type Tokenizer } from '../model/tokenizer';
import { pretrainingTaskNames, type PretrainingTaskName } from '../tasks/mini';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { makeFolder } from '../training/fileSystem';
import { train, type TrainedRun, type TrainEvent } from '../training/trainer';
import { fineTuning } from '../tuning/fineTuning';
import type { Params } from '../tuning/method';
import { miniTokenizer } from './miniTokenizer';
import { modelCard } from './modelCard';
import { pretrainConfig, type PretrainConfig } from './pretrainConfig';
import { encodedExamples, pretrainingStream } from './pretrainingStream';
import { readEvaluations, writeEvaluations, type PretrainEvaluation } from './pretrainLog';
import { measureSkills, type Skills } from './skills';
import { teacherForced, type TeacherForced } from './teacherForced';

export type PretrainOptions = Partial<PretrainConfig> & {
  /** The folder that keeps the training; the same call again goes on with it. */
  readonly out: string;
  /** Where the finished model goes: `config.json`, `model.safetensors`, `tokenizer.json`, `tokenizer_config.json`, `README.md` (its card). */
  readonly model: string;
  /** Examples of each pretraining task in the fixed validation set (default: 96). */
  readonly validationExamples?: number;
  /** Examples of each skill in the look at the finished model (default: 100). */
  readonly skillExamples?: number;
  /** When aborted, training ends after its current step with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: TrainEvent) => void;
  readonly onEvaluation?: (evaluation: PretrainEvaluation) => void;
};

export type Pretrained = {
  readonly evaluations: readonly PretrainEvaluation[];
  /** null where training was stopped before its last step. */
  readonly skills: Skills | null;
};

/**
 * Pretrains the mini model from nothing: a tokenizer on the mixture's text, then all weights of a fresh T5 v1.0 with
 * AdamW and a cosine schedule, by the trainer that every method uses. Logs loss and accuracy of each pretraining task in
 * `out/evaluations.jsonl`; resumes after the last checkpoint in `out`; writes the model when the last step is done.
 *
 * @throws ConfigError for an option that is unknown or out of range, or where `out` holds a training with others;
 * CheckpointError for damaged files.
 */
export async function pretrain(options: PretrainOptions): Promise<Pretrained> {
  const {
    out,
    model: modelFolder,
    validationExamples = 96,
    skillExamples,
    signal,
    onProgress,
    onEvaluation,
    ...input
  } = options;
  const config = pretrainConfig(input);
  makeFolder(out);
  const tokenizerFile = join(out, 'tokenizer.json');
  if (!existsSync(tokenizerFile)) await saveTokenizer(tokenizerFile, miniTokenizer(config));
  const tokenizer = await loadTokenizer(tokenizerFile);
  const validation = validationSet(tokenizer, config, validationExamples);
  const evaluations = [...(await readEvaluations(out))];
  const start = initT5(t5Config(config, tokenizer), random(config.seed).fork('model'));
  const trainUpTo = trainer(start, tokenizer, config, { out, signal, onProgress });
  try {
    for (;;) {
      const last = evaluations.at(-1);
      const began = performance.now();
      const step = Math.min(config.steps, (last?.step ?? 0) + config.evaluateEvery);
      const { params, stopped } = await trainUpTo(step);
      try {
        if (stopped && signal?.aborted === true) return { evaluations, skills: null };
        const model = withWeights(start, tokenizer, params);
        if (last?.step !== step) {
          const tasks = await look(model, validation);
          const seconds = Math.round((last?.seconds ?? 0) + (performance.now() - began) / 1000);
          evaluations.push({ step, seconds, tasks });
          await writeEvaluations(out, evaluations);
          onEvaluation?.({ step, seconds, tasks });
        }
        if (!stopped) return { evaluations, skills: await finish(model) };
      } finally {
        tf.dispose(params);
      }
    }
  } finally {
    start.dispose();
  }

  async function finish(model: T5): Promise<Skills> {
    const skills = await measureSkills(model, skillExamples);
    await saveT5(model, modelFolder, { dtype: 'BF16' });
    await copyFile(tokenizerFile, join(modelFolder, 'tokenizer.json'));
    await writeAtomically(join(modelFolder, 'tokenizer_config.json'), (handle) =>
      handle.writeFile(`${JSON.stringify(tokenizerConfig, null, 2)}\n`),
    );
    const card = modelCard(config, model, evaluations, skills);
    await writeAtomically(join(modelFolder, 'README.md'), (handle) => handle.writeFile(card));
    return skills;
  }
}

/** Tells transformers to take `tokenizer.json` as it is: its class for T5 would add sentinels and split text otherwise. */
const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  pad_token: '<pad>',
  eos_token: '</s>',
  unk_token: '<unk>',
};

function t5Config(config: PretrainConfig, tokenizer: Tokenizer): T5Config {
  const { dModel, dKv, dFf, numHeads, numEncoderLayers, numDecoderLayers } = config;
  return {
    ...t5v10,
    vocabulary: tokenizer.vocabulary,
    dModel,
    dKv,
    dFf,
    numHeads,
    numEncoderLayers,
    numDecoderLayers,
  };
}

/** A function that goes on with the training until a step is done, or the signal. */
function trainer(
  start: T5,
  tokenizer: Tokenizer,
  config: PretrainConfig,
  {
    out,
    signal,
    onProgress,
  }: {
    readonly out: string;
    readonly signal: AbortSignal | undefined;
    readonly onProgress: ((event: TrainEvent) => void) | undefined;
  },
): (step: number) => Promise<TrainedRun & { readonly stopped: boolean }> {
  const { seed, steps, batch, learningRate, warmupSteps, checkpointEvery, ...context } = config;
  const stream = pretrainingStream(tokenizer, config);
  return (step) => {
    const pause = new AbortController();
    return train(
      start,
      fineTuning,
      fineTuning.defaults,
      { seed, train: stream },
      {
        steps,
        batch,
        learningRate,
        optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.98, weightDecay: 0.01 },
        schedule: 'cosine',
        warmupSteps,
        finalFraction: 0.05,
        clipNorm: 1,
        checkpointEvery,
        logEvery: 10,
      },
      {
        out,
        context: { experiment: 'pretrain', ...context },
        signal: signal === undefined ? pause.signal : AbortSignal.any([signal, pause.signal]),
        onProgress: (event) => {
          onProgress?.(event);
          if (event.step >= step && event.step < steps) pause.abort();
        },
      },
    );
  };
}

type ValidationSet = ReadonlyMap<PretrainingTaskName, readonly EncodedExample[]>;

function validationSet(tokenizer: Tokenizer, config: PretrainConfig, size: number): ValidationSet {
  const rng = random(config.seed).fork('validation');
  return new Map(
    pretrainingTaskNames.map((task) => [
      task,
      encodedExamples(tokenizer, rng.fork(task), { [task]: 1 }, size, config),
    ]),
  );
}

async function look(model: T5, validation: ValidationSet): Promise<PretrainEvaluation['tasks']> {
  const found: [string, TeacherForced][] = [];
  for (const [task, examples] of validation) {
    const { loss, accuracy } = await teacherForced(model, examples);
    found.push([task, { loss: Number(loss.toFixed(4)), accuracy: Number(accuracy.toFixed(4)) }]);
  }
  return Object.fromEntries(found) as PretrainEvaluation['tasks'];
}

/** The model with other weights, which stay the caller's: what comes back is not to be disposed. */
function withWeights(model: T5, tokenizer: Tokenizer, params: Params): T5 {
  const weights = new Map(Object.entries(params).map(([name, tensor]) => [name as WeightName, tensor]));
  return { ...model, tokenizer, weights };
}
