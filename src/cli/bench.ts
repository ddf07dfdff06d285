import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { bench as runBench, type BenchResult } from '../bench/bench';
import type { Clock } from '../bench/task';
import { whole } from './options';
import { printDocument } from './print';

type Options = {
  readonly full?: boolean;
  readonly only?: RegExp;
  readonly model?: string;
  readonly threads: number;
  readonly pairs?: number;
  readonly clock: Clock;
  readonly json?: boolean;
};

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
}

/** A line of the table. */
function line(cells: readonly string[]): string {
  const widths = [50, 10, 10, 8, 13];
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0)))
    .join(' ')
    .trimEnd();
}

function resultLine({ name, ours, peer, ratio, unit, goal }: BenchResult): string {
  const judged = goal === null ? '' : ` <= ${goal.toFixed(1)}: ${ratio <= goal ? 'met' : 'missed'}`;
  return line([name, String(ours), String(peer), ratio.toFixed(2), unit]) + judged;
}

/** `spt bench`: this project against PyTorch, transformers, peft and sacrebleu. */
export function bench(command: Command): void {
  const cores = availableParallelism();
  command
    .option('--full', 'the whole matrix, populations of 32 included (an hour or more)')
    .option('--only <PATTERN>', 'rows whose name matches this regular expression', pattern)
    .option('--model <M>', 'measure this model, as in train, in place of all shapes')
    .option('--threads <N>', `threads of each side (default: ${cores})`, whole(1), cores)
    .option('--pairs <N>', 'turns of both sides a row (default: what fits into half a minute)', whole(1))
    .addOption(
      new Option('--clock <NAME>', 'cpu counts processor time, for a machine that is busy')
        .choices(['wall', 'cpu'])
        .default('wall'),
    )
    .action(async ({ full = false, json = false, ...options }: Options) => {
      const results: BenchResult[] = [];
      if (!json) process.stdout.write(`${line(['name', 'ours', 'peer', 'ratio', 'unit'])} goal\n`);
      await runBench({
        ...options,
        full,
        say: (text) => process.stderr.write(`bench: ${text}\n`),
        onResult: (result) => {
          results.push(result);
          if (!json) process.stdout.write(`${resultLine(result)}\n`);
        },
      });
      if (json) printDocument(results, { json });
    });
}
