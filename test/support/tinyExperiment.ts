import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../../src/experiments/experiment';
import type { FewShotSpec } from '../../src/experiments/rows/tunedRow';

/** Writes an E2E data set of a few letters a text into `folder/e2e`. */
export function writeTinyData(folder: string): void {
  const rows = (from: number, count: number): string =>
    `mr,ref\n${Array.from({ length: count }, (_, i) => `name[x${from + i}],the area ${from + i}.`).join('\n')}\n`;
  mkdirSync(join(folder, 'e2e'), { recursive: true });
  writeFileSync(join(folder, 'e2e', 'trainset.csv'), rows(10, 8));
  writeFileSync(join(folder, 'e2e', 'devset.csv'), rows(40, 4));
  writeFileSync(join(folder, 'e2e', 'testset_w_refs.csv'), rows(60, 3));
}

const prompts: FewShotSpec = {
  task: 'e2e',
  method: 'scaled-prompt-tuning',
  shots: 4,
  seed: [0, 1],
  length: 3,
  steps: 8,
  batch: 2,
  evaluateEvery: 2,
  checkpointEvery: 2,
};

/** Every kind of row at the smallest size that is one, for a random T5 with a tokenizer of letters. */
export const tinyExperiment: Experiment = {
  name: 'tiny',
  preset: 'tiny',
  generation: { maxNewTokens: 8 },
  rows: [
    { name: 'frozen', kind: 'frozen', task: 'e2e' },
    { name: 'names', kind: 'skill', skill: 'names', examples: 3 },
    { name: 'prompts after 4', kind: 'tuned', split: 'dev', pauseAt: 4, experiment: prompts },
    { name: 'prompts after 8', kind: 'tuned', split: 'dev', pauseAt: 8, experiment: prompts },
    { name: 'prompts', kind: 'tuned', split: 'test', gap: true, experiment: { ...prompts, seed: [5, 6] } },
    {
      name: 'weights',
      kind: 'tuned',
      split: 'test',
      experiment: {
        task: 'e2e',
        method: 'fine-tuning',
        shots: 4,
        seed: [0, 1],
        steps: 3,
        batch: 2,
        checkpointEvery: 1,
      },
    },
    { name: 'time', kind: 'stepTime', experiment: { ...prompts, seed: [0], steps: 3 } },
  ],
  rules: [],
  card: (rows, findings) => `${rows.map(({ row }) => row).join(', ')}; ${findings.length} rules`,
};
