import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, SptError } from '../errors';
import { initT5, saveT5 } from '../model/checkpoint';
import { parseT5Config, type T5Config } from '../model/config';
import { resolveModel } from '../model/hub';
import { passProduct } from '../model/shapes';
import { useBackend } from '../tensor/backend';
import { random } from '../tensor/random';
import { usefulThreads } from '../tensor/threads';
import { benchMatrix, rowName, type BenchModel, type BenchRow, type Measure } from './matrix';
import { peerPython } from './peerPython';
import { startSide, type Side } from './side';
import type { BenchTask, Clock, Peak, Timed } from './task';
import { benchTask, generatedRows, promptLength, sourceLength } from './tasks';

/** One comparison. `ratio` is our time or memory over the peer's: below 1 is better. */
export type BenchResult = {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  readonly unit: 'ms/step' | 'ms/step/run' | 'tokens/s' | 's' | 'MB';
  readonly goal: number | null;
};

export type BenchOptions = {
  /** The whole matrix instead of what fits into 20 minutes. */
  readonly full: boolean;
  /** Rows whose name matches. */
  readonly only?: RegExp;
  /** A model to measure in place of mini, and of the other shapes. */
  readonly model?: string;
  /** Threads of each side. */
  readonly threads: number;
  /** Pairs of measurements a row; otherwise as many as fit into half a minute, 5 at least. */
  readonly pairs?: number;
  readonly clock: Clock;
  readonly onResult: (result: BenchResult) => void;
  readonly say: (line: string) => void;
};

const root = path.join(__dirname, '..', '..');
/**
 * Milliseconds of one turn of a side, and of a row without `pairs`: turns that aren't counted, for V8 is still compiling and
 * both sides allocate, turns that are, and the number of these.
 */
const turn = 300;
const warmUp = 4000;
const budget = 20_000;
const [fewestPairs, mostPairs] = [5, 40];
/** Steps after which a training's memory has reached its peak. */
const memorySteps = 3;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}

/** To four digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4));

type Pair = { readonly ours: Side; readonly peer: Side };

/** Both sides, started anew, each with the same number of threads; we use as many of them as `spt` would. */
function startPair(python: string, threads: number, useful: number): Pair {
  const count = String(threads);
  return {
    ours: startSide('spt-lab', process.execPath, [path.join(__dirname, 'worker.js')], {
      TF_NUM_INTRAOP_THREADS: String(useful),
      TF_NUM_INTEROP_THREADS: count,
    }),
    peer: startSide(`the peer (${python})`, python, [path.join(root, 'src', 'bench', 'peer.py')], {
      OMP_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      HF_HUB_OFFLINE: '1',
    }),
  };
}

async function withPair<T>(
  python: string,
  [threads, useful]: readonly [number, number],
  work: (pair: Pair) => Promise<T>,
): Promise<T> {
  const pair = startPair(python, threads, useful);
  try {
    return await work(pair);
  } finally {
    await Promise.all([pair.ours.close(), pair.peer.close()]);
  }
}

/** Gets both sides ready and lets each run once: the same data must lead to the same loss or BLEU, or as many tokens. */
async function prepare(
  { ours, peer }: Pair,
  name: string,
  folder: string,
  task: BenchTask,
  clock: Clock,
  count: number,
): Promise<{ readonly ours: Timed; readonly peer: Timed }> {
  await ours.ask({ do: 'prepare', folder, task, clock });
  await peer.ask({ do: 'prepare', folder, task, clock });
  const first = {
    ours: await ours.ask<Timed>({ do: 'run', count }),
    peer: await peer.ask<Timed>({ do: 'run', count }),
  };
  const difference = Math.abs(first.ours.check - first.peer.check);
  if (!(difference <= 1e-3 * Math.abs(first.peer.check)))
    throw new SptError(
      `bench: ${name}: both sides must compute the same; ours ${first.ours.check}, the peer's ${first.peer.check}`,
    );
  return first;
}

/** Times of both sides in turns, A B A B. */
async function timePairs(
  pair: Pair,
  first: { readonly ours: Timed; readonly peer: Timed },
  pairs: number | undefined,
): Promise<{ readonly ours: number; readonly peer: number }> {
  const slower = Math.max(median(first.ours.times), median(first.peer.times));
  const count = Math.max(1, Math.min(8, Math.round(turn / slower)));
  const takeTurns = async (): Promise<Readonly<Record<keyof Pair, readonly number[]>>> => ({
    ours: (await pair.ours.ask<Timed>({ do: 'run', count })).times,
    peer: (await pair.peer.ask<Timed>({ do: 'run', count })).times,
  });
  const start = performance.now() + (pairs === undefined ? warmUp : 0);
  while (performance.now() < start) await takeTurns();
  const turns: Awaited<ReturnType<typeof takeTurns>>[] = [];
  const goesOn = (done: number): boolean =>
    pairs === undefined
      ? done < fewestPairs || (done < mostPairs && performance.now() - start < budget)
      : done < pairs;
  while (goesOn(turns.length)) turns.push(await takeTurns());
  return { ours: median(turns.flatMap(({ ours }) => ours)), peer: median(turns.flatMap(({ peer }) => peer)) };
}

/** Of the threads that are allowed, those that we use for a measurement: as many as the command line would. */
function threadsOf(measure: Measure, shape: T5Config, threads: number): number {
  if (measure.kind === 'score') return threads;
  const tokens =
    measure.kind === 'generate'
      ? generatedRows * measure.numBeams
      : measure.batch * measure.runs * (promptLength + sourceLength);
  return usefulThreads(passProduct(shape, tokens), threads);
}

/** One row, on sides that are there; memory on two of its own. */
async function measureRow(
  pairOf: (useful: number) => Pair,
  python: string,
  { name, folder, row, shape }: { name: string; folder: string; row: BenchRow; shape: T5Config },
  { threads, pairs, clock }: BenchOptions,
): Promise<BenchResult> {
  const { measure, goal } = row;
  const useful = threadsOf(measure, shape, threads);
  const pair = (): Pair => pairOf(useful);
  const task = benchTask(measure, shape);
  if (measure.kind === 'memory')
    return withPair(python, [threads, useful], async (fresh) => {
      await prepare(fresh, name, folder, task, clock, memorySteps);
      const megabytes = async (side: Side): Promise<number> =>
        (await side.ask<Peak>({ do: 'peak' })).bytes / 1e6;
      const [ours, peer] = [await megabytes(fresh.ours), await megabytes(fresh.peer)];
      return {
        name,
        ours: rounded(ours),
        peer: rounded(peer),
        ratio: rounded(ours / peer),
        unit: 'MB',
        goal,
      };
    });
  const first = await prepare(pair(), name, folder, task, clock, 1);
  if (task.kind === 'score') {
    // Many seconds long, and done anew each time: the first is as good as any.
    const [ours, peer] = [median(first.ours.times) / 1000, median(first.peer.times) / 1000];
    return { name, ours: rounded(ours), peer: rounded(peer), ratio: rounded(ours / peer), unit: 's', goal };
  }
  const { ours, peer } = await timePairs(pair(), first, pairs);
  const ratio = rounded(ours / peer);
  if (task.kind === 'generate') {
    const tokens = 1000 * task.newTokens * task.sources.length;
    return {
      name,
      ours: rounded(tokens / ours),
      peer: rounded(tokens / peer),
      ratio,
      unit: 'tokens/s',
      goal,
    };
  }
  const runs = task.runs.length;
  const unit = runs === 1 ? 'ms/step' : 'ms/step/run';
  return { name, ours: rounded(ours / runs), peer: rounded(peer / runs), ratio, unit, goal };
}

/** The folder that both sides load a model from, and what removes it again. */
async function modelFolder(
  { name, shape }: BenchModel,
  own: string | undefined,
  say: (line: string) => void,
): Promise<{ readonly folder: string; readonly remove: () => void }> {
  if (shape === null) return { folder: resolveModel(own ?? name), remove: () => undefined };
  say(`drawing the weights of ${name}`);
  mkdirSync('runs', { recursive: true });
  const folder = mkdtempSync(path.join('runs', 'bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await useBackend();
    const model = initT5(shape, random(`bench ${name}`));
    await saveT5(model, folder);
    model.dispose();
  } catch (error) {
    remove();
    throw error;
  }
  return { folder: path.resolve(folder), remove };
}

/** The rows that are asked for, by model. */
function chosen({ full, only, model }: BenchOptions): readonly BenchModel[] {
  const all = benchMatrix(full);
  const rowsOf = (name: string, rows: readonly BenchRow[]): readonly BenchRow[] =>
    rows.filter(({ measure }) => only?.test(rowName(name, measure)) ?? true);
  const models =
    model === undefined
      ? all
      : all.filter(({ shape }) => shape === null).map((mini) => ({ ...mini, name: model }));
  const found = models
    .map((one) => ({ ...one, rows: rowsOf(one.name, one.rows) }))
    .filter(({ rows }) => rows.length > 0);
  if (found.length > 0) return found;
  const names = models.flatMap(({ name, rows }) => rows.map(({ measure }) => rowName(name, measure)));
  throw new ConfigError(`bench: no row matches ${String(only)}; rows are ${names.join(', ')}`);
}

/**
 * Compares this project with PyTorch, transformers, peft and sacrebleu: the same weights, the same token ids, the same number of
 * threads, both sides taking turns. Each row is told as soon as it is measured.
 * @throws ConfigError where no row matches or no Python with the peers is to be had; SptError where a side fails or both
 * do not compute the same.
 */
export async function bench(options: BenchOptions): Promise<void> {
  const models = chosen(options);
  const python = peerPython();
  for (const model of models) {
    const { folder, remove } = await modelFolder(model, options.model, options.say);
    const pairs = new Map<number, Pair>();
    try {
      const file = path.join(folder, 'config.json');
      const shape = parseT5Config(JSON.parse(readFileSync(file, 'utf8')), file);
      for (const row of model.rows) {
        const name = rowName(model.name, row.measure);
        options.say(name);
        const both = (useful: number): Pair => {
          const pair = pairs.get(useful) ?? startPair(python, options.threads, useful);
          pairs.set(useful, pair);
          return pair;
        };
        options.onResult(await measureRow(both, python, { name, folder, row, shape }, options));
      }
    } finally {
      await Promise.all([...pairs.values()].flatMap(({ ours, peer }) => [ours.close(), peer.close()]));
      remove();
    }
  }
}
