import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Command } from 'commander';
import { calibrationRows, designs, type DrawResult } from '../analysis/calibration';
import { calibrationTable } from '../analysis/calibrationTable';
import { ConfigError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import type { CalibrationAnswer, CalibrationTask } from './calibrateWorker';
import { positive, whole } from './options';
import { progressBar } from './progressBar';

type Options = {
  readonly out: string;
  readonly draws: string;
  readonly share: number;
  readonly workers: number;
  readonly json?: boolean;
};

/** `spt calibrate`: how often tests reject, intervals cover and changes are found, in draws that a later call goes on with. */
export function calibrate(command: Command): void {
  command
    .option('--out <DIR>', 'where the table goes', join('figures', 'calibration'))
    .option('--draws <FILE>', 'where draws are kept', join('runs', 'calibration', 'draws.jsonl'))
    .option('--share <X>', 'share of the draws that are made (default: 1)', positive, 1)
    .option('--workers <N>', 'processor cores used (default: all)', whole(1), availableParallelism())
    .action(async ({ out, draws, share, workers }: Options) => {
      const done = openDraws(draws);
      const tasks = openTasks(done, share);
      const bar = progressBar();
      bar.start('draws', tasks.length, 0);
      let count = 0;
      try {
        await drawAll(tasks, Math.min(workers, tasks.length), (answer) => {
          appendFileSync(draws, `${JSON.stringify(answer)}\n`);
          done.push(answer);
          bar.update(++count, '');
        });
      } finally {
        bar.stop();
      }
      await writeTable(out, done);
    });
}

/** The draws of a file so far; a last line that a killed process left torn is cut off. */
function openDraws(file: string): CalibrationAnswer[] {
  const head = JSON.stringify({ designs });
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${head}\n`);
    return [];
  }
  const [first, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  if (first !== head)
    throw new ConfigError(`${file}: holds draws of other designs; delete it or choose another --draws`);
  writeFileSync(file, `${[first, ...lines].join('\n')}\n`);
  return lines.map((line) => JSON.parse(line) as CalibrationAnswer);
}

/** What is still to be drawn, all designs side by side, so that a share of the draws is a share of each. */
function openTasks(done: readonly CalibrationAnswer[], share: number): CalibrationTask[] {
  const known = new Set(done.map(({ design, index }) => `${design}/${index}`));
  return designs
    .flatMap(({ draws }, design) =>
      Array.from({ length: Math.min(draws, Math.ceil(share * draws)) }, (_, index) => ({
        design,
        index,
        at: index / draws,
      })),
    )
    .filter(({ design, index }) => !known.has(`${design}/${index}`))
    .sort((a, b) => a.at - b.at)
    .map(({ design, index }) => ({ design, index }));
}

/** Draws in several threads, each given its next task when it answers. */
async function drawAll(
  tasks: readonly CalibrationTask[],
  workers: number,
  onAnswer: (answer: CalibrationAnswer) => void,
): Promise<void> {
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(join(__dirname, 'calibrateWorker.js'));
      const give = (): void => {
        const task = tasks[next++];
        if (task !== undefined) worker.postMessage(task);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (answer: CalibrationAnswer) => {
        onAnswer(answer);
        give();
      });
      worker.on('error', reject);
      give();
    });
  await Promise.all(Array.from({ length: workers }, work));
}

async function writeTable(out: string, done: readonly CalibrationAnswer[]): Promise<void> {
  const rows = designs.flatMap((design, i) => {
    const results = done
      .filter((answer) => answer.design === i)
      .sort((a, b) => a.index - b.index)
      .map(({ result }): DrawResult => result);
    return calibrationRows(design, results);
  });
  mkdirSync(out, { recursive: true });
  const write = (name: string, text: string): Promise<void> =>
    writeAtomically(join(out, name), (handle) => handle.writeFile(text));
  await write('calibration.json', `${JSON.stringify({ designs, rows }, null, 2)}\n`);
  await write('calibration.md', calibrationTable(rows));
  process.stderr.write(`${join(out, 'calibration.md')}\n`);
}
