import type { TrajectoryRecord } from '../experiments/gapRecords';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { mean } from './mean';
import { measureName } from './measureNames';
import { methodMark } from './methodMarks';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { sizes, tint, valueAxis } from './theme';

export type TrajectoryNumbers = {
  readonly title?: string;
  /** A panel a quantity: scale, norms and changes, then measures in their order; steps along its axis. */
  readonly records: readonly TrajectoryRecord[];
  readonly source: FigureSource;
};

const width = 760;
const note =
  'A panel is a quantity at chosen steps of training. Thick: the mean of a method’s runs; thin: each run; shaded: the ' +
  'quartiles over a prompt’s tokens, mean over runs. Changes are those of s ⊙ P from one chosen step to the next, ' +
  'split into what s and what P moved.';

/** What is not a gap measure. */
const quantityNames: Readonly<Record<string, string>> = {
  scale: 'Scale s (median token)',
  norm: 'Norm of P (median token)',
  scaledNorm: 'Norm of s ⊙ P (median)',
  changeOfScale: 'Change by s',
  changeOfPrompt: 'Change by P',
  path: 'Path of s ⊙ P so far (median)',
};

type Line = { readonly steps: readonly number[]; readonly values: readonly (number | null)[] };

/** The mean over runs at each step. */
function meanLine(
  steps: readonly number[],
  records: readonly TrajectoryRecord[],
  of: (record: TrajectoryRecord) => number | undefined,
): Line {
  const values = steps.map((step) => {
    const found = records
      .filter((record) => record.step === step)
      .map(of)
      .filter((value) => value !== undefined);
    return found.length === 0 ? null : mean(found);
  });
  return { steps, values };
}

function methodTraces(records: readonly TrajectoryRecord[], method: string, panel: Panel): Figure['traces'] {
  const own = records.filter((record) => record.method === method);
  if (own.length === 0) return [];
  const { name, colour } = methodMark(method);
  const steps = [...new Set(own.map(({ step }) => step))].sort((a, b) => a - b);
  const runs = [...new Set(own.map(({ task, seed }) => `${task}/${seed}`))];
  const line = ({ steps: x, values: y }: Line): Readonly<Record<string, unknown>> => ({
    xaxis: panel.x,
    yaxis: panel.y,
    type: 'scatter',
    mode: 'lines',
    x,
    y,
  });
  const bounds = [0, 1].map((end) => meanLine(steps, own, ({ quartiles }) => quartiles?.[end as 0 | 1]));
  const band = bounds.some(({ values }) => values.includes(null))
    ? []
    : bounds.map((bound, end) => ({
        ...line(bound),
        line: { width: 0 },
        hoverinfo: 'skip',
        // The upper edge is filled down to the lower one, which comes first; another method's band shows through.
        ...(end === 0 ? {} : { fill: 'tonexty', fillcolor: `${colour}38` }),
      }));
  const single = runs.map((run) => ({
    ...line(
      meanLine(
        steps,
        own.filter(({ task, seed }) => `${task}/${seed}` === run),
        ({ value }) => value,
      ),
    ),
    line: { color: tint(colour, 0.5), width: 1 },
    hoverinfo: 'skip',
  }));
  return [
    ...band,
    ...(runs.length < 2 ? [] : single),
    {
      ...line(meanLine(steps, own, ({ value }) => value)),
      line: { color: colour, width: 2.4 },
      hovertemplate: `${escapeHtml(name)}, step %{x}: %{y:.4g}<extra></extra>`,
    },
  ];
}

/** How scale, norms, gap and the shares of change go along training. */
export function trajectoryFigure({ title, records, source }: TrajectoryNumbers): Figure {
  const present = [...new Set(records.map(({ quantity }) => quantity))];
  const known = Object.keys(quantityNames).filter((name) => present.includes(name));
  const quantities = [...known, ...present.filter((name) => !known.includes(name))];
  const methods = [...new Set(records.map(({ method }) => method))];
  const drawQuantity = (quantity: string, panel: Panel): DrawnPanel => {
    const own = records.filter((record) => record.quantity === quantity);
    return {
      traces: methods.flatMap((method) => methodTraces(own, method, panel)),
      layout: {
        [panel.xaxis]: {
          ...valueAxis(),
          domain: panel.xDomain,
          anchor: panel.y,
          showgrid: false,
          zeroline: false,
          nticks: 5,
          ...(panel.isLowest ? { title: { text: 'step', font: { size: sizes.small }, standoff: 4 } } : {}),
        },
        [panel.yaxis]: { ...valueAxis(), domain: panel.yDomain, anchor: panel.x, nticks: 5, zeroline: false },
      },
      annotations: [panel.heading(escapeHtml(quantityNames[quantity] ?? measureName(quantity)))],
    };
  };
  return panelFigure({
    title: title ?? 'Scale, norms and gap along training',
    source,
    note,
    width,
    numbers: { records },
    items: quantities,
    grid: { columns: 3, panelHeight: 130, foot: 34, below: 12 },
    legend: methods.map(methodMark),
    draw: drawQuantity,
  });
}
