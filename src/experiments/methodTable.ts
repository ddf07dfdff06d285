import { methods } from '../tuning';
import type { Experiment } from './experiment';
import { markdownTable } from './markdownTable';
import { miniGeneration } from './miniGeneration';
import { type ResultRow, rowEstimate } from './resultRow';
import type { RowSpec } from './rows';
import { estimateText } from './rowText';

const task = 'mini-e2e';
const shotCounts = [100, 10] as const;
const seeds = [0, 1, 2];
/** Methods whose prompt is all they train; the others keep their own default sizes. */
const prompts: readonly string[] = ['prompt-tuning', 'scaled-prompt-tuning', 'residual-prompt-tuning'];

const rowName = (method: string, shots: number): string => `${method} ${shots}`;

const rows: readonly RowSpec[] = shotCounts.flatMap((shots) =>
  methods.map((method): RowSpec => ({
    name: rowName(method.name, shots),
    kind: 'tuned',
    split: 'test',
    experiment: {
      task,
      method: method.name,
      shots,
      seed: seeds,
      ...(prompts.includes(method.name) ? { length: 50 } : {}),
    },
  })),
);

function card(found: readonly ResultRow[]): string {
  const byName = new Map(found.map((row) => [row.row, row]));
  const cell = (row: ResultRow | undefined): string =>
    row === undefined ? 'not measured' : estimateText(rowEstimate(row));
  const body = methods.map(({ name }) => [
    name,
    ...shotCounts.map((shots) => cell(byName.get(rowName(name, shots)))),
  ]);
  return `## Every method

Preset \`mini\`; measured by \`npm run -s spt -- sweep methods\`, row by row in \`methods.jsonl\`: ${task}, ${seeds.length} seeds, prompts of 50 tokens
(other sizes are each method's defaults), each method trained by its defaults. BLEU on the test split, greedy, by the parameters
of the best look at the dev loss: means over seeds with their 95 % t-intervals.

${markdownTable(['method', ...shotCounts.map((shots) => `${shots} shots`)], body)}`;
}

/** All methods side by side at many and few shots. */
export const methodTable: Experiment = {
  name: 'methods',
  preset: 'mini',
  generation: miniGeneration,
  rows,
  rules: [],
  card,
};
