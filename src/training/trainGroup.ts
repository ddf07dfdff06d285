import { ConfigError, TrainingError } from '../errors';
import type { EncodedExample } from '../model/batch';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import type { Params } from '../tuning/method';
import { stackParams, unstackParams } from '../tuning/stack';
import { type Best, saveCheckpoint, type StoredCheckpoint, type TrainState } from './checkpoint';
import { clipGradients, gradientNorms } from './clip';
import { type ExampleSource, stepExamples } from './examples';
import { type Tensors, tensorNamed } from './optimizer';
import { appendMetric, type Metric, syncMetrics, truncateMetrics, writeAdapter } from './runStore';
import { scheduleFactor } from './schedule';
import { devLosses, gradients, trainedNames, type Tuned } from './step';
import { optimizerOf, type TrainConfig } from './trainConfig';
import { yieldToEvents } from './yieldToEvents';

/** One run of a population: its seed, its data. The dev split chooses the best parameters and is never the test split. */
export type RunSpec = {
  readonly seed: number;
  readonly train: ExampleSource;
  readonly dev?: readonly EncodedExample[];
};

/** What happens in a training; arrays have one entry a seed. */
type Progress =
  | { readonly kind: 'start' }
  | { readonly kind: 'step'; readonly losses: readonly number[]; readonly learningRate: number }
  | { readonly kind: 'evaluation'; readonly devLosses: readonly number[] }
  | { readonly kind: 'checkpoint' };

/** What a progress display is told; `step` is the last one done. */
export type TrainEvent = Progress & {
  readonly step: number;
  readonly steps: number;
  readonly seeds: readonly number[];
};

/** A run after training. `params` are its best on the dev split (without one, the last); the caller owns them. */
export type TrainedRun = {
  readonly seed: number;
  readonly params: Params;
  /** The best look at the dev split; null without one. */
  readonly best: Best | null;
  readonly metrics: readonly Metric[];
  readonly folder?: string;
};

export type Trained = { readonly runs: readonly TrainedRun[]; readonly stopped: boolean };

/** Runs that train in one batched step, and where they are kept. */
export type Group = {
  readonly runs: readonly RunSpec[];
  readonly store?: {
    /** Where the group's checkpoint lies. */
    readonly checkpoint: string;
    /** Each run's own folder. */
    readonly folders: readonly string[];
    /** What the group goes on from: a checkpoint of the same runs in the same order. */
    readonly from: StoredCheckpoint | null;
  };
};

/** The state before the first step: each run's initial parameters depend on its own seed only. */
async function initialState(
  tuned: Tuned,
  runs: readonly RunSpec[],
  config: TrainConfig,
): Promise<TrainState> {
  const { model, method, methodConfig } = tuned;
  const perRun: Params[] = [];
  for (const { seed } of runs) perRun.push(await method.init(model, methodConfig, random(seed).fork('init')));
  const params = stackParams(perRun);
  perRun.forEach((run) => tf.dispose(run));
  const optimizer = optimizerOf(config.optimizer).init(pick(params, trainedNames(tuned, params)));
  return { step: 0, params, optimizer, best: null };
}

/** The tensors of those names. */
function pick(tensors: Tensors, names: readonly string[]): Tensors {
  return Object.fromEntries(names.map((name) => [name, tensorNamed(tensors, name)]));
}

/** Each parameter's learning rate at a factor of the schedule. Throws ConfigError for a name that is no parameter. */
function learningRatesOf(
  config: TrainConfig,
  params: Tensors,
  factor: number,
): Readonly<Record<string, number>> {
  const unknown = Object.keys(config.learningRates).find((name) => params[name] === undefined);
  if (unknown !== undefined)
    throw new ConfigError(
      `training configuration: learningRates.${unknown}: must name a parameter: ${Object.keys(params).join(', ')}`,
    );
  return Object.fromEntries(
    Object.keys(params).map((name) => [name, factor * (config.learningRates[name] ?? config.learningRate)]),
  );
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

/** The best after a look at the dev split; the earlier of two equal ones stays. Consumes the one before. */
function nextBest({ step, params, best }: TrainState, found: readonly number[]): TrainState['best'] {
  const looks = found.map((devLoss) => ({ step, devLoss }));
  if (best === null)
    return {
      params: select(
        found.map(() => true),
        params,
        params,
      ),
      of: looks,
    };
  const better = looks.map(({ devLoss }, run) => devLoss < (best.of[run] as Best).devLoss);
  const chosen = select(better, params, best.params);
  tf.dispose(best.params);
  return {
    params: chosen,
    of: best.of.map((old, run) => (better[run] === true ? (looks[run] as Best) : old)),
  };
}

/** Trains the runs of a group to the last step, from their checkpoint if there is one, or until the signal. */
export async function trainGroup(
  tuned: Tuned,
  { runs, store }: Group,
  config: TrainConfig,
  {
    signal,
    onProgress,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (event: TrainEvent) => void },
): Promise<Trained> {
  const seeds = runs.map(({ seed }) => seed);
  const from = store?.from ?? null;
  let state = from === null ? await initialState(tuned, runs, config) : await from.load();
  const { steps } = config;
  const tell = (what: Progress): void => onProgress?.({ step: state.step, steps, seeds, ...what });
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
    await saveCheckpoint(store.checkpoint, state, seeds);
    savedStep = state.step;
    tell({ kind: 'checkpoint' });
  };
  const checkFinite = (what: string, values: readonly number[], step: number): void => {
    const broken = values.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) return;
    const where = `seed ${seeds[broken] ?? ''}: the ${what} is ${values[broken] ?? ''} at step ${step}`;
    const kept = store !== undefined && savedStep > 0;
    throw new TrainingError(
      kept ? `${where}; the checkpoint of step ${savedStep} stays in ${store.checkpoint}` : where,
    );
  };
  const sources = runs.map(({ seed, train }) => stepExamples(train, seed));
  const optimizer = optimizerOf(config.optimizer);
  const devs = runs.map(({ dev }) => dev).filter((dev) => dev !== undefined);

  try {
    learningRatesOf(config, pick(state.params, trainedNames(tuned, state.params)), 1);
    tell({ kind: 'start' });
    while (state.step < steps && signal?.aborted !== true) {
      const step = state.step + 1;
      const factor = scheduleFactor(config, step);
      const examples = sources.map((source) => source(step, config.batch * config.accumulation));
      const next = tf.tidy(() => {
        const { losses, grads } = gradients(tuned, state.params, examples, config);
        const norms = gradientNorms(grads);
        const clipped = config.clipNorm === null ? grads : clipGradients(grads, norms, config.clipNorm);
        const trained = pick(state.params, trainedNames(tuned, state.params));
        const rates = learningRatesOf(config, trained, factor);
        const updated = optimizer.update(clipped, state.optimizer, trained, rates, step);
        const params = Object.fromEntries(
          Object.entries(state.params).map(([name, kept]) => [name, updated.params[name] ?? kept.clone()]),
        );
        return { params, state: updated.state, measured: tf.concat([losses, norms]) };
      });
      const measured = [...(await next.measured.data())];
      next.measured.dispose();
      const losses = measured.slice(0, runs.length);
      const norms = measured.slice(runs.length);
      try {
        checkFinite('loss', losses, step);
        checkFinite('norm of the gradient', norms, step);
      } catch (error) {
        tf.dispose([next.params, next.state]);
        throw error;
      }
      tf.dispose([state.params, state.optimizer]);
      state = { step, params: next.params, optimizer: next.state, best: state.best };
      const learningRate = factor * config.learningRate;
      if (step % config.logEvery === 0 || step === steps)
        record(losses.map((loss, run) => ({ step, loss, learningRate, gradientNorm: norms[run] as number })));
      tell({ kind: 'step', losses, learningRate });
      if (devs.length > 0 && (step % config.evaluateEvery === 0 || step === steps)) {
        const found = await devLosses(tuned, state.params, devs, config.batch);
        checkFinite('dev loss', found, step);
        record(found.map((devLoss) => ({ step, devLoss })));
        state = { ...state, best: nextBest(state, found) };
        tell({ kind: 'evaluation', devLosses: found });
      }
      if (step % config.checkpointEvery === 0 || step === steps) await save();
      await yieldToEvents();
    }
    const stopped = state.step < steps;
    await save();
    const chosen = state.best?.params ?? state.params;
    const results: TrainedRun[] = [];
    for (const [run, { seed }] of runs.entries()) {
      const params = unstackParams(chosen, run);
      const folder = store?.folders[run];
      if (folder !== undefined && !stopped) await writeAdapter(folder, params);
      results.push({
        seed,
        params,
        best: state.best?.of[run] ?? null,
        metrics: metrics[run] ?? [],
        ...(folder === undefined ? {} : { folder }),
      });
    }
    return { runs: results, stopped };
  } finally {
    tf.dispose([state.params, state.optimizer, state.best?.params ?? []]);
  }
}
