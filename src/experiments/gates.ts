import { probeTasks } from '../tasks/mini';
import type { Experiment } from './experiment';
import { miniGeneration } from './miniGeneration';
import { markdownTable } from './markdownTable';
import { type ResultRow, rowEstimate } from './resultRow';
import type { RowSpec } from './rows';
import {
  difference,
  differenceRule,
  type Finding,
  isAboveZero,
  isBelowZero,
  limitRule,
  risingRule,
  type Rule,
} from './rule';
import { estimateText, verdictTable } from './rowText';

/** Every set of the preset, and those that methods are trained on. */
const sets = [
  'mini-e2e',
  'mini-webnlg',
  'mini-dart',
  'mini-summarization',
  'mini-dialogue',
  'mini-questions',
] as const;
const tunedSets = ['mini-e2e', 'mini-webnlg', 'mini-dart'] as const;
const tunedMethods = ['fine-tuning', 'prompt-tuning'] as const;
const shotCounts = [5, 10, 20, 50, 100] as const;
const mostShots = 100;

const shortNames = { 'fine-tuning': 'FT', 'prompt-tuning': 'PT' } as const;

type TunedMethod = (typeof tunedMethods)[number];

/** More seeds where gates are decided, the first ones the same. */
const seedsOf = (shots: number): readonly number[] => (shots === mostShots ? [0, 1, 2, 3, 4] : [0, 1, 2]);

const frozen = (task: string): string => `frozen ${task}`;
const tuned = (method: TunedMethod, task: string, shots: number = mostShots): string =>
  `${method} ${task} ${shots}`;
const names = 'copy unseen names';
const probe = (skill: string, words: string): string => `${skill} ${words} words`;
const stepTime = 'step time prompt-tuning mini-e2e 100';

const wordKinds = ['seen', 'unseen'] as const;

const tunedRow = (method: TunedMethod, task: string, shots: number): RowSpec => ({
  name: tuned(method, task, shots),
  kind: 'tuned',
  split: 'test',
  experiment: {
    task,
    method,
    shots,
    seed: seedsOf(shots),
    ...(method === 'prompt-tuning' ? { length: 50 } : {}),
  },
});

/** From quick to slow, and what decides before what shows a trend. */
const rows: readonly RowSpec[] = [
  ...sets.map((task): RowSpec => ({ name: frozen(task), kind: 'frozen', task })),
  { name: names, kind: 'skill', skill: 'names', examples: 200 },
  ...probeTasks.flatMap((skill) =>
    wordKinds.map((words): RowSpec => ({
      name: probe(skill, words),
      kind: 'skill',
      skill,
      words,
      examples: 100,
    })),
  ),
  {
    name: stepTime,
    kind: 'stepTime',
    experiment: { task: 'mini-e2e', method: 'prompt-tuning', shots: mostShots, seed: [0], length: 50 },
  },
  ...shotCounts
    .toReversed()
    .flatMap((shots) =>
      tunedSets.flatMap((task) => tunedMethods.map((method) => tunedRow(method, task, shots))),
    ),
];

const order = (task: string): Rule => ({
  says: `${task}, ${mostShots} shots: frozen < PT < FT; the lower of both differences, both above 0`,
  unit: 'BLEU',
  needs: [frozen(task), tuned('prompt-tuning', task), tuned('fine-tuning', task)],
  judge: (found) => {
    const [low, middle, high] = found as [ResultRow, ResultRow, ResultRow];
    const both = [difference(middle, low), difference(high, middle)];
    const [lower] = both.toSorted((a, b) => a.mean - b.mean);
    return {
      value: lower?.mean ?? NaN,
      interval: lower?.interval ?? null,
      runs: lower?.n ?? 0,
      verdict: both.every(isAboveZero) ? 'pass' : 'fail',
    };
  },
});

const rules: readonly Rule[] = [
  ...sets.map((task) =>
    limitRule(
      `${task}: the frozen model without a prompt below 15`,
      'BLEU',
      frozen(task),
      (mean) => mean < 15,
    ),
  ),
  limitRule('copying of unseen names, exact: at least 95 %', '%', names, (mean) => mean >= 95),
  ...(['mini-e2e', 'mini-webnlg'] as const).map((task) =>
    limitRule(
      `${task}, ${mostShots} shots: FT at least 60`,
      'BLEU',
      tuned('fine-tuning', task),
      (mean) => mean >= 60,
    ),
  ),
  ...(['mini-e2e', 'mini-webnlg'] as const).map((task) =>
    differenceRule(
      `FT on mini-dart minus FT on ${task}, ${mostShots} shots: below 0`,
      'BLEU',
      [tuned('fine-tuning', 'mini-dart'), tuned('fine-tuning', task)],
      isBelowZero,
    ),
  ),
  ...([['mini-e2e', 30] as const, ['mini-webnlg', 30] as const, ['mini-dart', 10] as const] as const).map(
    ([task, least]) =>
      differenceRule(
        `${task}, ${mostShots} shots: PT at least ${least} above the frozen model`,
        'BLEU',
        [tuned('prompt-tuning', task), frozen(task)],
        ({ mean }) => mean >= least,
      ),
  ),
  ...tunedSets.map((task) =>
    differenceRule(
      `${task}, ${mostShots} shots: room left, FT minus PT: above 0`,
      'BLEU',
      [tuned('fine-tuning', task), tuned('prompt-tuning', task)],
      isAboveZero,
    ),
  ),
  ...tunedSets.map(order),
  ...tunedMethods.flatMap((method) =>
    tunedSets.map((task) =>
      risingRule(
        `${task}: more shots are better for ${shortNames[method]}: ${mostShots} minus ${shotCounts[0]} shots above 0, and no drop between neighbours`,
        'BLEU',
        shotCounts.map((shots) => tuned(method, task, shots)),
      ),
    ),
  ),
  limitRule(
    'steps of one PT run, 50 tokens, 100 shots, defaults: below 240 s',
    's',
    stepTime,
    (s) => s < 240,
  ),
];

/** Sets down, methods and shots across; a cell is mean, interval and seeds. */
function tunedTable(byName: ReadonlyMap<string, ResultRow>): string {
  const cell = (name: string): string => {
    const row = byName.get(name);
    return row === undefined ? 'not measured' : estimateText(rowEstimate(row));
  };
  const body = tunedSets.flatMap((task) =>
    tunedMethods.map((method) => {
      const n = byName.get(tuned(method, task))?.n ?? byName.get(frozen(task))?.n;
      return [
        task,
        shortNames[method],
        n === undefined ? '' : String(n),
        ...shotCounts.map((shots) => cell(tuned(method, task, shots))),
      ];
    }),
  );
  return markdownTable(['set', 'method', 'n', ...shotCounts.map((shots) => `${shots} shots`)], body);
}

function frozenTable(byName: ReadonlyMap<string, ResultRow>): string {
  const body = sets.map((task) => {
    const row = byName.get(frozen(task));
    return [
      task,
      row === undefined ? '' : String(row.n),
      row === undefined ? 'not measured' : estimateText(rowEstimate(row)),
    ];
  });
  return markdownTable(['set', 'n', 'frozen model, BLEU'], body);
}

function skillTable(byName: ReadonlyMap<string, ResultRow>): string {
  const cell = (name: string): string => {
    const row = byName.get(name);
    return row === undefined ? 'not measured' : estimateText(rowEstimate(row));
  };
  return markdownTable(
    ['skill', 'seen words', 'unseen words'],
    [
      ['copy, unseen names', '', cell(names)],
      ...probeTasks.map((skill) => [skill, ...wordKinds.map((words) => cell(probe(skill, words)))]),
    ],
  );
}

function card(found: readonly ResultRow[], findings: readonly Finding[]): string {
  const byName = new Map(found.map((row) => [row.row, row]));
  const passed = findings.filter(({ judged }) => judged?.verdict === 'pass').length;
  return `## Gates

Preset \`mini\`; measured by \`npm run -s spt -- pretrain gates\`, row by row in \`gates.jsonl\`; test split, greedy decoding, at
most ${miniGeneration.maxNewTokens} tokens. BLEU of runs: mean over ${seedsOf(mostShots).length} seeds at ${mostShots} shots and ${seedsOf(5).length} elsewhere, in brackets its 95 % t-interval over seeds. A seed draws the
shots and the initial prompt; PT has 50 tokens. Scores without seeds: 95 % over the items (BLEU: bootstrap, shares: Wilson).

${tunedTable(byName)}

${frozenTable(byName)}

Whole answers exactly right in %, by greedy search:

${skillTable(byName)}

${passed} of ${findings.length} gates pass. Each is a rule of the code (\`src/experiments/gates.ts\`), written before the rows were
measured. Differences are paired by seed; above or below 0 means that their whole interval is, and a drop between neighbouring
numbers of shots is one whose interval lies below 0. Limits are held against means.

${verdictTable(findings)}`;
}

/** Whether the mini preset is worth measuring on: what the frozen model can and cannot do, and what methods add to it. */
export const gates: Experiment = {
  name: 'gates',
  preset: 'mini',
  generation: miniGeneration,
  rows,
  rules,
  card,
};
