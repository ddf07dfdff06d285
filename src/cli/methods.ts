import type { Command } from 'commander';
import type { T5Config } from '../model/config';
import { modelShape } from '../model/shapes';
import { fineTuning } from '../tuning/fineTuning';
import { methods as table } from '../tuning';
import { parameterCount, type TuningMethod } from '../tuning/method';
import { scaledPromptTuning } from '../tuning/scaledPromptTuning';
import { scalings } from '../tuning/scaling';
import { printDocument } from './print';

type Options = { readonly model: string; readonly json?: boolean };

/** What a method, or SPT with a scaling variant, trains on a model. */
type Row = {
  readonly name: string;
  /** Numbers trained with the defaults. */
  readonly parameters: number;
  /** Of the model's own numbers, in per cent. */
  readonly percent: number;
  readonly startsAsIdentity: boolean;
  readonly sharesSteps: boolean;
  readonly folds: boolean;
};

function rowOf(
  shape: T5Config,
  method: TuningMethod,
  total: number,
  { name = method.name, config = method.defaults, folds = method.fold !== undefined } = {},
): Row {
  const parameters = parameterCount(method, shape, config);
  return {
    name,
    parameters,
    percent: (100 * parameters) / total,
    startsAsIdentity: method.startsAsIdentity,
    sharesSteps: method.batchesRuns,
    folds,
  };
}

function printTable(title: string, rows: readonly Row[]): void {
  const yes = (is: boolean): string => (is ? 'yes' : 'no');
  const lines = [
    [title, 'parameters', '% of model', 'starts as identity', 'runs share steps', 'folds'],
    ...rows.map((row) => [
      row.name,
      row.parameters.toLocaleString('en-US'),
      row.percent.toPrecision(3),
      yes(row.startsAsIdentity),
      yes(row.sharesSteps),
      yes(row.folds),
    ]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths?.[0] ?? 0) : cell.padStart(widths?.[column] ?? 0),
      )
      .join('  '),
  );
  process.stdout.write(`${text.join('\n')}\n`);
}

/** `spt methods`: every method and every scaling variant, with how many numbers each trains on a model, by its defaults. */
export function methods(command: Command): void {
  command
    .option('--model <M>', 'mini, a folder, a Hugging Face name, or a published T5 (t5-large)', 'mini')
    .action(({ model, json }: Options) => {
      const shape = modelShape(model);
      const total = parameterCount(fineTuning, shape, fineTuning.defaults);
      const rows = table.map((method) => rowOf(shape, method, total));
      const scaled = scaledPromptTuning as TuningMethod;
      const variants = Object.values(scalings).map(({ name, folds }) =>
        rowOf(shape, scaled, total, { name, config: { ...scaled.defaults, scaling: name } as object, folds }),
      );
      if (json === true) {
        printDocument({ model, parameters: total, methods: rows, scalings: variants }, { json });
        return;
      }
      process.stdout.write(`${model}: ${total.toLocaleString('en-US')} parameters\n\n`);
      printTable('method', rows);
      process.stdout.write('\n');
      printTable('scaling of SPT', variants);
    });
}
