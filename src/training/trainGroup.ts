import { CheckpointError, ConfigError, TrainingError } from '../errors';
import { forManyPasses, type T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import type { Params, TuningMethod } from '../tuning/method';
import { stackParams, unstackParams } from '../tuning/stack';
import {
  type Best,
  type BlockState,
  saveCheckpoint,
  type StoredCheckpoint,
  type TrainState,
} from './checkpoint';
import { clipGradients, gradientNorms } from './clip';
import { stepExamples } from './examples';
import { type LearningRates, type Tensors, tensorNamed } from './optimizer';
import { blocksOf } from './plan';
import { appendMetric, type Metric, syncMetrics, truncateMetrics, writeAdapter } from './runStore';
import type { Run } from './runSpec';
import { scheduleFactor } from './schedule';
import { devLosses, gradients, trainedNames, type Tuned } from './step';
import { optimizerOf, type TrainConfig } from './trainConfig';
import { yieldToEvents } from './yieldToEvents';

/** What happens in a training; arrays have one entry a run. */
type Progress =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'step';
      readonly losses: readonly number[];
      readonly learningRates: readonly number[];
    }
  | { readonly kind: 'evaluation'; readonly devLosses: readonly number[] }
  | { readonly kind: 'checkpoint' };

/**
 * What a progress display is told of the runs that train together; `step` is the last one done. Where a population is
 * trained in several groups, each begins with a `start`.
 */
export type TrainEvent = Progress & {
  readonly step: number;
  readonly steps: number;
  readonly names: readonly string[];
  readonly seeds: readonly number[];
};

/** A run after training. `params` are its best on the dev split (without one, the last); the caller owns them. */
export type TrainedRun = {
  readonly name: string;
  readonly seed: number;
  readonly params: Params;
  /** The best look at the dev split; null without one. */
  readonly best: Best | null;
  readonly metrics: readonly Metric[];
  readonly folder?: string;
};

export type Trained = { readonly runs: readonly TrainedRun[]; readonly stopped: boolean };

/** Runs that train in one batched step, those of one configuration side by side, and where they are kept. */
export type Group = {
  readonly runs: readonly Run[];
  readonly store?: {
    /** Where the group's checkpoint lies. */
    readonly checkpoint: string;
    /** Each run's own folder. */
    readonly folders: readonly string[];
    /** What the group goes on from: a checkpoint of the same runs in the same order. */
    readonly from: StoredCheckpoint | null;
  };
};

/** A block before the first step: each run's initial parameters depend on its own seed only. */
async function initialBlock(model: T5, method: TuningMethod, runs: readonly Run[]): Promise<BlockState> {
  const [{ methodConfig, training }] = runs as [Run];
  const perRun: Params[] = [];
  for (const { seed } of runs) perRun.push(await method.init(model, methodConfig, random(seed).fork('init')));
  const params = stackParams(perRun);
  perRun.forEach((run) => tf.dispose(run));
  const trained = pick(params, trainedNames(method, methodConfig, params));
  return { params, optimizer: optimizerOf(training.optimizer).init(trained), best: null };
}

async function initialState(
  model: T5,
  method: TuningMethod,
  blocks: readonly (readonly Run[])[],
): Promise<TrainState> {
  const states: BlockState[] = [];
  for (const runs of blocks) states.push(await initialBlock(model, method, runs));
  return { step: 0, blocks: states, best: null };
}

/** The tensors of those names. */
function pick(tensors: Tensors, names: readonly string[]): Tensors {
  return Object.fromEntries(names.map((name) => [name, tensorNamed(tensors, name)]));
}

/** Throws ConfigError for a learning rate of what is no trained parameter. */
function checkRates(runs: readonly Run[], names: readonly string[]): void {
  const unknown = runs
    .flatMap(({ training }) => Object.keys(training.learningRates))
    .find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(
      `training configuration: learningRates.${unknown}: must name a parameter: ${names.join(', ')}`,
    );
}

/** Each parameter's learning rates in a step: one number where the block's runs agree. */
function learningRatesOf(runs: readonly Run[], names: readonly string[], step: number): LearningRates {
  const rate = ({ learningRate, learningRates, ...config }: TrainConfig, name: string): number =>
    scheduleFactor(config, step) * (learningRates[name] ?? learningRate);
  return Object.fromEntries(
    names.map((name) => {
      const rates = runs.map(({ training }) => rate(training, name));
      const [first] = rates as [number];
      return [name, rates.every((one) => one === first) ? first : rates];
    }),
  );
}

/** Each block's share of a list with one entry a run. */
function shares<T>(blocks: Tuned['blocks'], perRun: readonly T[]): readonly (readonly T[])[] {
  let start = 0;
  return blocks.map(({ runs }) => perRun.slice(start, (start += runs)));
}

/** Where `better[run]`, the run's slice of `found`, else that of `kept`. The caller owns the result. */
function select(better: readonly boolean[], found: Tensors, kept: Tensors): Tensors {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(found).map(([name, tensor]) => {
        const mask = tf.tensor(better, [better.length, ...tensor.shape.slice(1).map(() => 1)], 'bool');
        return [name, tf.where(mask, tensor, tensorNamed(kept, name))];
      }),
    ),
  );
}

/** The state after a look at the dev split; the earlier of two equally good ones stays. Consumes the best before. */
function withLook(
  { step, blocks, best }: TrainState,
  of: Tuned['blocks'],
  found: readonly number[],
): TrainState {
  const better = found.map((devLoss, run) => best === null || devLoss < (best[run] as Best).devLoss);
  const own = shares(of, better);
  return {
    step,
    blocks: blocks.map((block, i) => {
      const kept = block.best ?? block.params;
      const chosen = select(own[i] as readonly boolean[], block.params, kept);
      if (block.best !== null) tf.dispose(block.best);
      return { ...block, best: chosen };
    }),
    best: found.map((devLoss, run) => (better[run] === true ? { step, devLoss } : (best?.[run] as Best))),
  };
}

/** Trains the runs of a group to the last step, from their checkpoint if there is one, or until the signal. */
export async function trainGroup(
  model: T5,
  method: TuningMethod,
  { runs, store }: Group,
  {
    signal,
    onProgress,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (event: TrainEvent) => void },
): Promise<Trained> {
  const names = runs.map(({ name }) => name);
  const seeds = runs.map(({ seed }) => seed);
  // Runs of a group share all of their training but the rates.
  const [{ training: config }] = runs as [Run];
  const { steps } = config;
  const members = blocksOf(runs);
  const blocks = members.map((own) => ({ methodConfig: (own[0] as Run).methodConfig, runs: own.length }));
  const frozen = forManyPasses(model);
  const tuned: Tuned = { model: frozen.model, method, blocks };
  const from = store?.from ?? null;
  let state = from === null ? await initialState(model, method, members) : await from.load();
  const tell = (what: Progress): void => onProgress?.({ step: state.step, steps, names, seeds, ...what });
  const metrics: Metric[][] = [];
  for (const [run] of runs.entries())
    metrics.push(
      store === undefined ? [] : [...(await truncateMetrics(store.folders[run] as string, state.step))],
    );
  const record = (perRun: readonly Metric[]): void =>
    perRun.forEach((metric, run) => {
      metrics[run]?.push(metric);
      if (store !== undefined) appendMetric(store.folders[run] as string, metric);
    });
  let savedStep = from?.step ?? -1;
  const save = async (): Promise<void> => {
    if (store === undefined || savedStep === state.step) return;
    store.folders.forEach(syncMetrics);
    await saveCheckpoint(store.checkpoint, state, names);
    savedStep = state.step;
    tell({ kind: 'checkpoint' });
  };
  const checkFinite = (what: string, values: readonly number[], step: number): void => {
    const broken = values.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) return;
    const where = `${names[broken] ?? ''}: the ${what} is ${values[broken] ?? ''} at step ${step}`;
    const kept = store !== undefined && savedStep > 0;
    throw new TrainingError(
      kept ? `${where}; the checkpoint of step ${savedStep} stays in ${store.checkpoint}` : where,
    );
  };
  const sources = runs.map(({ seed, train }) => stepExamples(train, seed));
  const optimizer = optimizerOf(config.optimizer);
  const devs = runs.map(({ dev }) => dev).filter((dev) => dev !== undefined);

  try {
    if (state.blocks.length !== blocks.length)
      throw new CheckpointError(
        `${store?.checkpoint ?? ''}: the checkpoint must hold ${blocks.length} configurations of runs; found ${state.blocks.length}`,
      );
    const trained = blocks.map(({ methodConfig }, block) =>
      trainedNames(method, methodConfig, (state.blocks[block] as BlockState).params),
    );
    members.forEach((own, block) => checkRates(own, trained[block] as readonly string[]));
    tell({ kind: 'start' });
    while (state.step < steps && signal?.aborted !== true) {
      const step = state.step + 1;
      const examples = sources.map((source) => source(step, config.batch * config.accumulation));
      const before = state;
      const next = tf.tidy(() => {
        const params = before.blocks.map((block) => block.params);
        const { losses, grads } = gradients(tuned, params, examples, config);
        const norms = grads.map(gradientNorms);
        const updated = before.blocks.map((block, i) => {
          const [own, ofBlock, norm] = [trained[i], grads[i], norms[i]] as [
            readonly string[],
            Tensors,
            tf.Tensor1D,
          ];
          const clipped = config.clipNorm === null ? ofBlock : clipGradients(ofBlock, norm, config.clipNorm);
          const rates = learningRatesOf(members[i] as readonly Run[], own, step);
          const after = optimizer.update(clipped, block.optimizer, pick(block.params, own), rates, step);
          const all = Object.entries(block.params).map(
            ([name, kept]) => [name, after.params[name] ?? kept.clone()] as const,
          );
          return { params: Object.fromEntries(all), optimizer: after.state };
        });
        return { blocks: updated, measured: tf.concat([losses, ...norms]) };
      });
      const measured = [...(await next.measured.data())];
      next.measured.dispose();
      const losses = measured.slice(0, runs.length);
      const norms = measured.slice(runs.length);
      try {
        checkFinite('loss', losses, step);
        checkFinite('norm of the gradient', norms, step);
      } catch (error) {
        tf.dispose(next.blocks);
        throw error;
      }
      before.blocks.forEach((block) => tf.dispose([block.params, block.optimizer]));
      state = {
        step,
        blocks: next.blocks.map((block, i) => ({ ...block, best: before.blocks[i]?.best ?? null })),
        best: before.best,
      };
      const learningRates = runs.map(
        ({ training }) => scheduleFactor(training, step) * training.learningRate,
      );
      if (step % config.logEvery === 0 || step === steps)
        record(
          losses.map((loss, run) => ({
            step,
            loss,
            learningRate: learningRates[run] as number,
            gradientNorm: norms[run] as number,
          })),
        );
      tell({ kind: 'step', losses, learningRates });
      if (devs.length > 0 && (step % config.evaluateEvery === 0 || step === steps)) {
        const params = state.blocks.map((block) => block.params);
        const found = await devLosses(tuned, params, devs, config.batch);
        checkFinite('dev loss', found, step);
        record(found.map((devLoss) => ({ step, devLoss })));
        state = withLook(state, blocks, found);
        tell({ kind: 'evaluation', devLosses: found });
      }
      if (step % config.checkpointEvery === 0 || step === steps) await save();
      await yieldToEvents();
    }
    const stopped = state.step < steps;
    await save();
    const params = state.blocks.flatMap((block, i) =>
      (members[i] as readonly Run[]).map((_, run) => unstackParams(block.best ?? block.params, run)),
    );
    const results: TrainedRun[] = [];
    for (const [run, { name, seed }] of runs.entries()) {
      const folder = store?.folders[run];
      const own = params[run] as Params;
      if (folder !== undefined && !stopped) await writeAdapter(folder, own);
      results.push({
        name,
        seed,
        params: own,
        best: state.best?.[run] ?? null,
        metrics: metrics[run] ?? [],
        ...(folder === undefined ? {} : { folder }),
      });
    }
    return { runs: results, stopped };
  } finally {
    frozen.release();
    state.blocks.forEach((block) => tf.dispose([block.params, block.optimizer, block.best ?? []]));
  }
}
