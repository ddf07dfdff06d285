import { createInterface } from 'node:readline';
import { SptError } from '../errors';
import { corpusScore } from '../metrics/corpusScore';
import { protocols } from '../metrics/protocols';
import { padBatch } from '../model/batch';
import { loadT5 } from '../model/checkpoint';
import { generate } from '../model/decode';
import type { T5 } from '../model/t5';
import { tf, useBackend } from '../tensor/backend';
import { trainPopulation } from '../training/trainer';
import { methods } from '../tuning';
import type { TuningMethod } from '../tuning/method';
import { peakBytes } from './peakBytes';
import type { BenchTask, Clock, GenerateTask, Peak, Request, ScoreTask, Timed, TrainTask } from './task';

// This project's side of the benchmark: one request a line on stdin, one answer a line on stdout.

/** Runs a prepared task so many times. */
type Prepared = (count: number) => Promise<Timed>;

function stopwatch(clock: Clock): () => number {
  return clock === 'wall'
    ? () => performance.now()
    : () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
      };
}

/** The method with its initial prompt, where it has one, set to the embeddings of the task's tokens. */
function startingAt({ method: name, promptTokens }: TrainTask): TuningMethod {
  const method = methods.find((one) => one.name === name);
  if (method === undefined) throw new SptError(`no method ${name}`);
  return {
    ...method,
    init: async (model, config, rng) => {
      const params = await method.init(model, config, rng);
      if (params['prompt'] === undefined) return params;
      params['prompt'].dispose();
      const table = model.weights.get('shared.weight') as tf.Tensor2D;
      const prompt = tf.tidy(() => tf.gather<tf.Tensor>(table, tf.tensor1d([...promptTokens], 'int32')));
      return { ...params, prompt };
    },
  };
}

function prepareTraining(model: T5, task: TrainTask, now: () => number): Prepared {
  const method = startingAt(task);
  const { defaults } = method;
  // `startingAt` sets the prompt; the kind of start only has to exist for every model.
  const prompt = { length: task.promptTokens.length, init: { kind: 'uniform' } };
  const config = 'length' in defaults ? { ...defaults, ...prompt } : defaults;
  const runs = task.runs.map((examples, seed) => ({ seed, train: { batch: () => examples } }));
  return async (count) => {
    const times: number[] = [];
    let [before, check] = [0, NaN];
    const training = {
      steps: count,
      batch: task.runs[0]?.length ?? 1,
      optimizer: task.optimizer,
      learningRate: task.learningRate,
    };
    const trained = await trainPopulation(model, method, config, runs, training, {
      onProgress: (event) => {
        const present = now();
        if (event.kind === 'step') {
          times.push(present - before);
          if (event.step === 1) check = event.losses[0] ?? NaN;
        }
        before = present;
      },
    });
    trained.runs.forEach(({ params }) => tf.dispose(params));
    return { times, check };
  };
}

function prepareGeneration(model: T5, task: GenerateTask, now: () => number): Prepared {
  const { sources, numBeams, newTokens } = task;
  return async (count) => {
    const times: number[] = [];
    let check = 0;
    for (let i = 0; i < count; i++) {
      const before = now();
      const tokens = padBatch(sources, model.config.padTokenId);
      const ids = await generate(model, tokens, {
        numBeams,
        maxNewTokens: newTokens,
        minNewTokens: newTokens,
      });
      tf.dispose(tokens);
      times.push(now() - before);
      check = ids.reduce((sum, row) => sum + row.length, 0);
    }
    return { times, check };
  };
}

/** The whole protocol as `spt score` computes it, intervals included. */
function prepareScoring({ hypotheses, references }: ScoreTask, now: () => number): Prepared {
  return (count) => {
    const times: number[] = [];
    let check = NaN;
    for (let i = 0; i < count; i++) {
      const before = now();
      for (const [key, metric] of Object.entries(protocols.e2e.metrics)) {
        const { score } = corpusScore(metric, hypotheses, references);
        if (key === 'bleu') check = score;
      }
      times.push(now() - before);
    }
    return Promise.resolve({ times, check });
  };
}

function prepare(model: T5, task: BenchTask, clock: Clock): Prepared {
  const now = stopwatch(clock);
  if (task.kind === 'score') return prepareScoring(task, now);
  return task.kind === 'train' ? prepareTraining(model, task, now) : prepareGeneration(model, task, now);
}

async function main(): Promise<void> {
  await useBackend();
  let loaded: { readonly folder: string; readonly model: T5 } | undefined;
  let run: Prepared | undefined;
  const answer = async (request: Request): Promise<Timed | Peak | Record<string, never>> => {
    if (request.do === 'peak') return { bytes: peakBytes() };
    if (request.do === 'run') {
      if (run === undefined) throw new SptError('nothing is prepared');
      return run(request.count);
    }
    if (loaded?.folder !== request.folder) {
      loaded?.model.dispose();
      loaded = { folder: request.folder, model: await loadT5(request.folder) };
    }
    run = prepare(loaded.model, request.task, request.clock);
    return {};
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const found = await answer(JSON.parse(line) as Request).catch((error: unknown) => ({
      error: error instanceof Error ? error.message : String(error),
    }));
    process.stdout.write(`${JSON.stringify(found)}\n`);
  }
}

void main();
