import { norms, type Vectors } from '../analysis/vectors';
import { boxStatistics } from './boxStatistics';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { colours, heading, label, nameAxis, sizes, tint, valueAxis } from './theme';

/** One run's score with its 95 % interval over the test items; without a seed, the frozen model's. */
export type RunScore = {
  readonly seed?: number;
  readonly score: number;
  readonly interval: readonly [number, number] | null;
};

/** A method's runs, in the figure's order from left to right. */
export type MethodScores = {
  readonly name: string;
  readonly colour: string;
  readonly runs: readonly RunScore[];
};

/** A set of vectors whose norms are compared, from top to bottom. */
export type NormSet = { readonly name: string; readonly colour: string; readonly vectors: Vectors };

export type QuickstartNumbers = {
  readonly metric: string;
  readonly methods: readonly MethodScores[];
  readonly norms: readonly NormSet[];
  readonly source: FigureSource;
};

/** Where the runs of a method stand side by side, around the method's position. */
function offsets(count: number): number[] {
  const step = Math.min(0.16, 0.6 / Math.max(1, count));
  return Array.from({ length: count }, (_, i) => (i - (count - 1) / 2) * step);
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

function scoreTraces({ name, colour, runs }: MethodScores, position: number): Record<string, unknown>[] {
  const shift = offsets(runs.length);
  const average = mean(runs.map((run) => run.score));
  const points = {
    type: 'scatter',
    mode: 'markers',
    x: runs.map((_, i) => position + (shift[i] ?? 0)),
    y: runs.map((run) => run.score),
    error_y: {
      type: 'data',
      symmetric: false,
      array: runs.map(({ score, interval }) => (interval === null ? 0 : interval[1] - score)),
      arrayminus: runs.map(({ score, interval }) => (interval === null ? 0 : score - interval[0])),
      color: tint(colour, 0.55),
      thickness: 1.6,
      width: 0,
    },
    marker: { color: colour, size: 8 },
    text: runs.map((run) => escapeHtml(run.seed === undefined ? name : `${name}, seed ${run.seed}`)),
    hovertemplate: '%{text}: %{y:.1f}<extra></extra>',
  };
  if (runs.length < 2) return [points];
  const line = {
    type: 'scatter',
    mode: 'lines',
    x: [position - 0.36, position + 0.36],
    y: [average, average],
    line: { color: colour, width: 2.5 },
    hovertemplate: `${escapeHtml(name)}, mean of ${runs.length} runs: ${average.toFixed(1)}<extra></extra>`,
  };
  return [line, points];
}

function normTrace({ name, colour, vectors }: NormSet, position: number): Record<string, unknown> {
  const box = boxStatistics(norms(vectors));
  return {
    type: 'box',
    orientation: 'h',
    xaxis: 'x2',
    yaxis: 'y2',
    y: [position],
    q1: [box.p25],
    median: [box.median],
    q3: [box.p75],
    lowerfence: [box.p5],
    upperfence: [box.p95],
    width: 0.46,
    line: { color: colour, width: 2 },
    fillcolor: tint(colour, 0.25),
    hoverinfo: 'x',
    name: escapeHtml(name),
  };
}

/**
 * The quickstart's figure: on the left each run's score with its interval, a line at a method's mean; on the right how
 * long the vectors of P, s * P and the inputs are.
 */
export function quickstartFigure({ metric, methods, norms: sets, source }: QuickstartNumbers): Figure {
  const places = methods.map((_, i) => i);
  const means = methods.map(({ name, runs }) => ({ name, mean: mean(runs.map((run) => run.score)) }));
  const boxes = sets.map(({ name, vectors }) => ({ name, ...boxStatistics(norms(vectors)) }));
  const highest = Math.max(
    ...methods.flatMap(({ runs }) => runs.map((run) => run.interval?.[1] ?? run.score)),
  );
  return {
    title: `${metric} of frozen and prompt-tuned T5, and how long the prompts are`,
    source,
    note:
      `Left: a point is one run, its bar the 95 % bootstrap interval over the scored items, a line the mean of a ` +
      `method’s runs. Right: norms of the vectors; box 25 to 75 %, whiskers 5 to 95 %, line the median; P is SPT’s ` +
      `prompt, s its scale.`,
    width: 760,
    height: 440,
    traces: [
      ...methods.flatMap((method, i) => scoreTraces(method, i)),
      ...sets.map((set, i) => normTrace(set, sets.length - 1 - i)),
    ],
    layout: {
      xaxis: {
        ...nameAxis(
          places,
          methods.map(({ name }) => escapeHtml(name)),
        ),
        domain: [0, 0.46],
        range: [-0.6, methods.length - 0.4],
      },
      yaxis: { ...valueAxis(), range: [0, Math.max(1, highest * 1.12)] },
      xaxis2: { ...valueAxis(), domain: [0.68, 1], rangemode: 'tozero', anchor: 'y2' },
      yaxis2: {
        ...nameAxis(
          sets.map((_, i) => sets.length - 1 - i),
          sets.map(({ name }) => escapeHtml(name)),
        ),
        range: [-0.6, sets.length - 0.4],
        anchor: 'x2',
      },
      annotations: [
        heading(metric, 0, -32),
        heading('Euclidean norm', 0.68, -110),
        ...means.map(({ mean: value }, i) =>
          label(value.toFixed(1), {
            xref: 'x',
            yref: 'y',
            x: i,
            y: Math.max(...(methods[i]?.runs.map((run) => run.interval?.[1] ?? run.score) ?? [0])),
            yanchor: 'bottom',
            yshift: 4,
            bgcolor: '#FFFFFF',
            font: { size: sizes.label, color: methods[i]?.colour },
          }),
        ),
      ],
    },
    numbers: {
      metric,
      methods: methods.map(({ name, runs }, i) => ({ name, mean: means[i]?.mean, runs })),
      norms: boxes,
    },
  };
}

/** Names and colours that the methods have in every figure. */
export const methodMarks = {
  frozen: { name: 'Frozen', colour: colours.frozen },
  'prompt-tuning': { name: 'PT', colour: colours.promptTuning },
  'scaled-prompt-tuning': { name: 'SPT', colour: colours.scaledPromptTuning },
  'fine-tuning': { name: 'FT', colour: colours.fineTuning },
} as const;
