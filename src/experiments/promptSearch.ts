import type { Json } from '../training/runStore';
import { estimate, type Estimate } from './estimate';
import type { Experiment } from './experiment';
import { miniGeneration } from './miniGeneration';
import { markdownTable } from './markdownTable';
import type { ResultRow } from './resultRow';
import type { RowSpec } from './rows';
import { estimateText } from './rowText';

const tasks = ['mini-e2e', 'mini-webnlg'] as const;
const shots = 100;
const seeds = [0, 1];
/** Steps after which a training is scored on dev; it goes on from the first to the next. So few keep a run to about a minute. */
const looks = [300, 600] as const;
const steps = looks[looks.length - 1] as number;

/** One way to train a prompt, every value said, so that the preset's defaults may change without touching the search. */
type Setting = {
  readonly optimizer: Readonly<Record<string, Json>> & { readonly name: 'adafactor' | 'adamw' };
  readonly learningRate: number;
  readonly init: Readonly<Record<string, Json>> & { readonly kind: string };
  readonly batch: number;
};

const adafactor = { name: 'adafactor', weightDecay: 1e-5 } as const;
const adamw = { name: 'adamw', weightDecay: 0 } as const;
const sampled = { kind: 'sampledVocabulary' } as const;
const start: Setting = { optimizer: adafactor, learningRate: 0.3, init: sampled, batch: 16 };

/**
 * The usual setting, and what changes in it: the learning rate, the optimizer, the initial values, the batch. AdamW at 1 was
 * added when 0.3, then the highest, had come out best.
 */
const settings: readonly Setting[] = [
  start,
  { ...start, learningRate: 0.1 },
  { ...start, learningRate: 1 },
  { ...start, learningRate: 3 },
  { ...start, optimizer: adamw, learningRate: 0.01 },
  { ...start, optimizer: adamw, learningRate: 0.03 },
  { ...start, optimizer: adamw, learningRate: 0.1 },
  { ...start, optimizer: adamw, learningRate: 0.3 },
  { ...start, optimizer: adamw, learningRate: 1 },
  { ...start, init: { kind: 'uniform', range: 0.5 } },
  { ...start, init: { kind: 'embeddedText', text: 'describe plain:' } },
  { ...start, batch: 8 },
];

const settingName = ({ optimizer, learningRate, init, batch }: Setting): string =>
  `${optimizer.name} ${learningRate} ${init.kind} batch ${batch}`;
const rowName = (setting: Setting, task: string, look: number): string =>
  `${settingName(setting)} ${task} ${look} steps`;

/** All settings at the first look, then at the next: an unfinished search compares like with like. */
const rows: readonly RowSpec[] = looks.flatMap((pauseAt) =>
  settings.flatMap((setting) =>
    tasks.map((task): RowSpec => ({
      name: rowName(setting, task, pauseAt),
      kind: 'tuned',
      split: 'dev',
      pauseAt,
      experiment: {
        task,
        method: 'prompt-tuning',
        shots,
        seed: seeds,
        length: 50,
        steps,
        schedule: 'constant',
        ...setting,
      },
    })),
  ),
);

/** A setting after some steps, by its mean BLEU on dev over both sets and all seeds; null where a set is missing. */
type Candidate = { readonly name: string; readonly look: number; readonly bySet: readonly Estimate[] };

/** Within so many BLEU of the best, fewer examples seen are preferred: the difference is within the search's noise. */
const tolerance = 1;

const meanOf = ({ bySet }: Candidate): number =>
  bySet.reduce((sum, { mean }) => sum + mean, 0) / bySet.length;

/** Every setting at every look that is measured on all sets, best first. */
function candidates(found: readonly ResultRow[]): readonly Candidate[] {
  const byName = new Map(found.map((row) => [row.row, row]));
  const all = settings.flatMap((setting) =>
    looks.flatMap((look): Candidate[] => {
      const own = tasks.map((task) => byName.get(rowName(setting, task, look)));
      if (own.includes(undefined)) return [];
      const bySet = own.map((row) => estimate(row?.scores.map(({ score }) => score) ?? []));
      return [{ name: settingName(setting), look, bySet }];
    }),
  );
  return all.toSorted((a, b) => meanOf(b) - meanOf(a));
}

/** The setting to train with: the fewest steps within the tolerance of the best, the higher score among equals. */
export function chosenSetting(
  found: readonly ResultRow[],
): { readonly name: string; readonly steps: number } | null {
  const [best, ...others] = candidates(found);
  if (best === undefined) return null;
  const close = [best, ...others].filter((candidate) => meanOf(candidate) >= meanOf(best) - tolerance);
  const [chosen] = close.toSorted((a, b) => a.look - b.look || meanOf(b) - meanOf(a));
  return chosen === undefined ? null : { name: chosen.name, steps: chosen.look };
}

function card(found: readonly ResultRow[]): string {
  const ranked = candidates(found);
  const chosen = chosenSetting(found);
  const done = found.length === rows.length ? '' : ` (${found.length} of ${rows.length} rows measured)`;
  return `## How a prompt is trained: the search

Measured by \`npm run -s spt -- sweep prompt-search\`, row by row in \`prompt-search.jsonl\`${done}: Prompt-Tuning alone, 50 tokens, ${shots}
shots, ${seeds.length} seeds, constant learning rate; BLEU on the dev split (never the test split) by the parameters of the best look at the
dev loss so far. AdamW at 1 was added when 0.3, then the highest, had come out best. Every prompt method is trained with what
the search found. Means over seeds; \`both\`: mean of the two sets.

${markdownTable(
  ['setting', 'steps', ...tasks, 'both'],
  ranked.map((candidate) => [
    candidate.name,
    String(candidate.look),
    ...candidate.bySet.map(({ mean }) => estimateText({ mean, interval: null })),
    estimateText({ mean: meanOf(candidate), interval: null }),
  ]),
)}

By the rule "fewest steps within ${tolerance} BLEU of the best, among equals the best": ${
    chosen === null ? 'nothing yet.' : `${chosen.name}, ${chosen.steps} steps.`
  }`;
}

/** How Prompt-Tuning is trained best on the preset, found on dev; SPT gets no search of its own. */
export const promptSearch: Experiment = {
  name: 'prompt-search',
  preset: 'mini',
  generation: miniGeneration,
  rows,
  rules: [],
  card,
};
