import type { Experiment } from './experiment';
import { miniGeneration } from './miniGeneration';
import { markdownTable } from './markdownTable';
import { estimate } from './estimate';
import { type ResultRow, rowEstimate } from './resultRow';
import type { RowSpec } from './rows';
import { difference, type Finding, isAboveZero, isBelowZero, type Judged, type Rule } from './rule';
import { estimateText, verdictTable } from './rowText';

const tasks = ['mini-e2e', 'mini-webnlg'] as const;
const methods = ['prompt-tuning', 'scaled-prompt-tuning'] as const;
type Method = (typeof methods)[number];
const shots = 100;
const seeds = Array.from({ length: 10 }, (_, seed) => seed);

const nameOf = (method: Method, task: string): string => `${method} ${task} ${shots}`;

const rows: readonly RowSpec[] = tasks.flatMap((task) =>
  methods.map((method): RowSpec => ({
    name: nameOf(method, task),
    kind: 'tuned',
    split: 'test',
    gap: true,
    experiment: {
      task,
      method,
      shots,
      seed: seeds,
      length: 50,
      ...(method === 'scaled-prompt-tuning' ? { scaling: 'token-wise' } : {}),
    },
  })),
);

/** The measures of the gap that are told; which of a method's vectors the model reads. */
const measures = ['centroidGap', 'cosineOfCentroids', 'normRatio'] as const;
const read = (method: Method): 'prompt' | 'scaled' => (method === 'prompt-tuning' ? 'prompt' : 'scaled');

/** A row whose scores are a measure of its runs; runs for which it is undefined are left out. */
function measureRow(row: ResultRow, measure: string): ResultRow {
  const scores = row.scores.flatMap(({ seed, measures: found }) => {
    const score = found?.[measure] ?? null;
    return score === null ? [] : [{ seed, score, interval: null }];
  });
  return { ...row, scores };
}

/** The paired difference, and whether it goes the way that the paper's claim says. */
function judgeClaim(a: ResultRow, b: ResultRow, claimed: 'higher' | 'lower'): Judged {
  const found = difference(a, b);
  const [agrees, disagrees] = claimed === 'higher' ? [isAboveZero, isBelowZero] : [isBelowZero, isAboveZero];
  const verdict = agrees(found) ? 'supported' : disagrees(found) ? 'contradicted' : 'undecided';
  return { value: found.mean, interval: found.interval, runs: found.n, verdict };
}

const words =
  'supported, contradicted where the interval of the paired difference lies beyond 0, else undecided';

const rules: readonly Rule[] = tasks.flatMap((task): Rule[] => {
  const needs = [nameOf('scaled-prompt-tuning', task), nameOf('prompt-tuning', task)];
  return [
    {
      says: `${task}: SPT scores higher than PT (${words})`,
      unit: 'BLEU',
      needs,
      judge: ([spt, pt]) => judgeClaim(spt as ResultRow, pt as ResultRow, 'higher'),
    },
    {
      says: `${task}: the centroid of SPT's scaled prompt lies nearer to the inputs' than that of PT's prompt (${words})`,
      unit: '',
      needs,
      judge: ([spt, pt]) =>
        judgeClaim(
          measureRow(spt as ResultRow, 'scaled.centroidGap'),
          measureRow(pt as ResultRow, 'prompt.centroidGap'),
          'lower',
        ),
    },
  ];
});

function scoreTable(byName: ReadonlyMap<string, ResultRow>): string {
  const body = tasks.flatMap((task) =>
    methods.map((method) => {
      const row = byName.get(nameOf(method, task));
      if (row === undefined) return [task, method, 'not measured', '', '', ''];
      const { deviation, n } = rowEstimate(row);
      return [
        task,
        method,
        estimateText(rowEstimate(row)),
        deviation?.toFixed(2) ?? '',
        String(n),
        String(row.n),
      ];
    }),
  );
  return markdownTable(['set', 'method', 'BLEU', 'deviation over seeds', 'seeds', 'n'], body);
}

function gapTable(byName: ReadonlyMap<string, ResultRow>): string {
  const body = tasks.flatMap((task) =>
    methods.flatMap((method) =>
      [...new Set(['prompt', read(method)])].flatMap((part) => {
        const row = byName.get(nameOf(method, task));
        if (row === undefined) return [];
        const cells = measures.map((measure) => {
          const values = measureRow(row, `${part}.${measure}`).scores.map(({ score }) => score);
          return values.length === 0 ? 'undefined' : estimateText(estimate(values), 3);
        });
        return [[task, method, part === 'scaled' ? 's ⊙ P' : 'P', ...cells]];
      }),
    ),
  );
  return markdownTable(['set', 'method', 'vectors', ...measures], body);
}

function card(found: readonly ResultRow[], findings: readonly Finding[]): string {
  const byName = new Map(found.map((row) => [row.row, row]));
  return `## PT against SPT, a quick look

Preset \`mini\`; measured by \`npm run -s spt -- sweep prompt-vs-scaled\`, row by row in \`prompt-vs-scaled.jsonl\`: ${shots} shots, ${seeds.length}
seeds, 50 prompt tokens, the preset's training for both; SPT is token-wise and starts as PT does. Test split, greedy. Means with their
95 % t-intervals over seeds; gaps are between the prompt's vectors and the embeddings of all tokens of the test sources.

${scoreTable(byName)}

${gapTable(byName)}

Verdicts by rules written in the code before the rows were measured, each over differences paired by seed:

${verdictTable(findings)}`;
}

/** The question itself at small cost: Prompt-Tuning against token-wise Scaled Prompt-Tuning, same draws, same budget. */
export const promptVsScaled: Experiment = {
  name: 'prompt-vs-scaled',
  preset: 'mini',
  generation: miniGeneration,
  rows,
  rules,
  card,
};
