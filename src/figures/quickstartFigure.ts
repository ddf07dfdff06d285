import type { PromptSet } from '../analysis/promptSets';
import { norms, type Vectors } from '../analysis/vectors';
import { boxStatistics } from './boxStatistics';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { gapRows, promptSetName } from './gapRows';
import { logarithmicTicks } from './logarithmicTicks';
import { mean } from './mean';
import { methodMark } from './methodMarks';
import type { MethodScores, RunScore } from './methodScores';
import { colours, heading, label, nameAxis, sizes, tint, valueAxis } from './theme';

/** A set of vectors whose norms are shown. */
type NormSet = { readonly name: string; readonly colour: string; readonly vectors: Vectors };

export type QuickstartNumbers = {
  /** The metric's name as readers know it, e.g. `BLEU`. */
  readonly metric: string;
  /** From left to right. */
  readonly methods: readonly MethodScores[];
  readonly prompts: readonly PromptSet[];
  readonly inputs: Vectors;
  readonly source: FigureSource;
};

/** The prompts of all runs by method and part, then the inputs, from top to bottom. */
function normSets(prompts: readonly PromptSet[], inputs: Vectors): NormSet[] {
  const byName = new Map<string, { colour: string; vectors: Float32Array[] }>();
  for (const set of prompts) {
    const isScaled = prompts.some(({ method, part }) => method === set.method && part === 'scaled');
    const colour = isScaled && set.part === 'prompt' ? colours.prompt : methodMark(set.method).colour;
    const name = promptSetName(set);
    const there = byName.get(name) ?? { colour, vectors: [] };
    there.vectors.push(...set.vectors);
    byName.set(name, there);
  }
  const sets = [...byName].map(([name, { colour, vectors }]) => ({ name, colour, vectors }));
  return [...sets, { name: 'input tokens', colour: colours.inputs, vectors: inputs }];
}

/** Where the runs of a method stand side by side, around the method's position. */
function offsets(count: number): number[] {
  const step = Math.min(0.16, 0.6 / Math.max(1, count));
  return Array.from({ length: count }, (_, i) => (i - (count - 1) / 2) * step);
}

/** The upper end of a run's interval, or its score. */
const top = ({ score, interval }: RunScore): number => interval?.[1] ?? score;

function scoreTraces({ method, runs }: MethodScores, position: number): Record<string, unknown>[] {
  const { name, colour } = methodMark(method);
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
export function quickstartFigure({ metric, methods, prompts, inputs, source }: QuickstartNumbers): Figure {
  const sets = normSets(prompts, inputs);
  const places = methods.map((_, i) => i);
  const means = methods.map(({ method, runs }) => ({
    ...methodMark(method),
    mean: mean(runs.map((run) => run.score)),
  }));
  const boxes = sets.map(({ name, vectors }) => ({ name, ...boxStatistics(norms(vectors)) }));
  const highest = Math.max(...methods.flatMap(({ runs }) => runs.map(top)));
  const shortest = Math.min(...boxes.map(({ p5 }) => p5));
  const longest = Math.max(...boxes.map(({ p95 }) => p95));
  return {
    title: `${metric} of frozen and prompt-tuned T5, and how long the prompts are`,
    source,
    note:
      'Left: a point is one run, its bar the 95 % bootstrap interval over the scored items, a line the mean of a ' +
      'method’s runs. Right: all runs together; box 25 to 75 % of vectors, whiskers 5 to 95 %, line: median; s: SPT’s scale.',
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
          means.map(({ name }) => escapeHtml(name)),
        ),
        domain: [0, 0.46],
        range: [-0.6, methods.length - 0.4],
      },
      yaxis: { ...valueAxis(), range: [0, Math.max(1, highest * 1.12)] },
      xaxis2: { ...valueAxis(), ...logarithmicTicks(shortest, longest, 6), domain: [0.68, 1], anchor: 'y2' },
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
        heading('Norm of the vectors, logarithmic', 0.68, -110),
        ...means.map(({ mean: value, colour }, i) =>
          label(value.toFixed(1), {
            xref: 'x',
            yref: 'y',
            x: i,
            y: Math.max(...(methods[i]?.runs ?? []).map(top)),
            yanchor: 'bottom',
            yshift: 4,
            bgcolor: '#FFFFFF',
            font: { size: sizes.label, color: colour },
          }),
        ),
      ],
    },
    numbers: {
      metric,
      methods: methods.map(({ method, runs }, i) => ({ method, mean: means[i]?.mean, runs })),
      norms: boxes,
      gaps: gapRows(prompts, inputs),
    },
  };
}
