import { estimate } from './estimate';
import type { Experiment } from './experiment';
import { markdownTable } from './markdownTable';
import { miniGeneration } from './miniGeneration';
import { type ResultRow, rowEstimate } from './resultRow';
import type { RowSpec } from './rows';
import { estimateText } from './rowText';

const task = 'mini-e2e';
const shots = 100;
const seeds = [0, 1];

/**
 * Each method that is no prompt: learning rates of AdamW around what its paper or library uses, in steps of about three until
 * the best is not the highest, and its steps.
 */
const searched: Readonly<Record<string, { readonly rates: readonly number[]; readonly steps: number }>> = {
  'fine-tuning': { rates: [2e-4, 5e-4, 1.5e-3], steps: 300 },
  'prefix-tuning': { rates: [7e-4, 2e-3, 6e-3], steps: 600 },
  adapter: { rates: [7e-4, 2e-3, 6e-3, 2e-2, 6e-2], steps: 600 },
  lora: { rates: [7e-4, 2e-3, 6e-3, 2e-2, 6e-2], steps: 600 },
  compacter: { rates: [3e-3, 1e-2, 3e-2, 1e-1], steps: 600 },
  ia3: { rates: [7e-3, 2e-2, 6e-2, 2e-1], steps: 600 },
  unipelt: { rates: [7e-4, 2e-3, 6e-3], steps: 600 },
  bitfit: { rates: [3e-3, 1e-2, 3e-2], steps: 600 },
};

const rowName = (method: string, rate: number): string => `${method} ${rate}`;

const rows: readonly RowSpec[] = Object.entries(searched).flatMap(([method, { rates, steps }]) =>
  rates.map((learningRate): RowSpec => ({
    name: rowName(method, learningRate),
    kind: 'tuned',
    split: 'dev',
    experiment: {
      task,
      method,
      shots,
      seed: seeds,
      steps,
      learningRate,
      optimizer: { name: 'adamw' },
      schedule: 'constant',
      batch: 16,
    },
  })),
);

/** The rate of the highest mean on dev; null until all of the method's are measured. */
export function chosenRate(method: string, found: readonly ResultRow[]): number | null {
  const byName = new Map(found.map((row) => [row.row, row]));
  const rates = searched[method]?.rates ?? [];
  const means = rates.map((rate) => {
    const row = byName.get(rowName(method, rate));
    return row === undefined ? NaN : rowEstimate(row).mean;
  });
  if (means.some(Number.isNaN) || means.length === 0) return null;
  return rates[means.indexOf(Math.max(...means))] ?? null;
}

function card(found: readonly ResultRow[]): string {
  const byName = new Map(found.map((row) => [row.row, row]));
  const body = Object.entries(searched).map(([method, { rates, steps }]) => [
    method,
    String(steps),
    rates
      .map((rate) => {
        const row = byName.get(rowName(method, rate));
        if (row === undefined) return `${rate}: not measured`;
        const { mean } = estimate(row.scores.map(({ score }) => score));
        return `${rate}: ${estimateText({ mean, interval: null })}`;
      })
      .join('; '),
    String(chosenRate(method, found) ?? ''),
  ]);
  return `## The other methods' learning rates

Measured by \`npm run -s spt -- sweep method-rates\`, row by row in \`method-rates.jsonl\`: ${task}, ${shots} shots, ${seeds.length} seeds, AdamW at a
constant rate, batches of 16; BLEU on the dev split (never the test split), means over seeds. Methods with a prompt are trained
as the search for prompts found.

${markdownTable(['method', 'steps', 'BLEU by learning rate', 'chosen'], body)}`;
}

/** The learning rate of each method that has no prompt, found on dev: what its defaults should be for the table of methods. */
export const methodRates: Experiment = {
  name: 'method-rates',
  preset: 'mini',
  generation: miniGeneration,
  rows,
  rules: [],
  card,
};
