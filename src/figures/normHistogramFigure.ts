import { boxStatistics } from './boxStatistics';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { logarithmicTicks } from './logarithmicTicks';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { label, sizes, tint, valueAxis } from './theme';

/** The lengths of a set's vectors, all runs together. */
export type NormSet = { readonly name: string; readonly colour: string; readonly norms: ArrayLike<number> };

export type NormHistogramNumbers = {
  readonly title?: string;
  /** From top to bottom. */
  readonly sets: readonly NormSet[];
  readonly source: FigureSource;
};

const width = 760;
const note =
  'Share of each set’s vectors by their length, in bins of equal width on the logarithmic axis, the same for all sets. ' +
  'The upright line is the median. A vector of length zero has no place on such an axis: where there are any, they are counted beside.';
/** Bins of one factor of ten. */
const perDecade = 24;

type Histogram = { readonly shares: readonly number[]; readonly zeros: number };

/** Shares of the positive lengths in bins of log10, from `first` on. */
function histogram(lengths: readonly number[], first: number, bins: number): Histogram {
  const counts = new Array<number>(bins).fill(0);
  let zeros = 0;
  for (const length of lengths) {
    if (length === 0) zeros++;
    else {
      const bin = Math.min(bins - 1, Math.floor(Math.log10(length) * perDecade) - first);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { shares: counts.map((count) => count / lengths.length), zeros };
}

/** How long vectors are, a panel a set, on one logarithmic axis. */
export function normHistogramFigure({ title, sets, source }: NormHistogramNumbers): Figure {
  const lengths = sets.map(({ norms }) => Array.from(norms));
  const positive = lengths.flatMap((own) => own.filter((length) => length > 0));
  const bin = (length: number): number => Math.floor(Math.log10(length) * perDecade);
  const [first, last] =
    positive.length === 0
      ? [0, 0]
      : [bin(positive.reduce((a, b) => Math.min(a, b))), bin(positive.reduce((a, b) => Math.max(a, b)))];
  const bins = last - first + 1;
  const edges = Array.from({ length: bins + 1 }, (_, i) => 10 ** ((first + i) / perDecade));
  const found = lengths.map((own) => histogram(own, first, bins));
  const drawSet = ({ name, colour }: NormSet, panel: Panel, i: number): DrawnPanel => {
    const { shares, zeros } = found[i] as Histogram;
    const { median, n } = boxStatistics(lengths[i] ?? []);
    const highest = Math.max(...shares, 1e-9);
    const axes = { xaxis: panel.x, yaxis: panel.y, type: 'scatter', mode: 'lines' };
    const traces = [
      {
        ...axes,
        // Each bin's share twice, at its two edges: steps that fill down to zero.
        x: [edges[0], ...edges.slice(0, -1).flatMap((edge, bar) => [edge, edges[bar + 1]]), edges.at(-1)],
        y: [0, ...shares.flatMap((share) => [share, share]), 0],
        line: { color: colour, width: 1.4 },
        fill: 'tozeroy',
        fillcolor: tint(colour, 0.3),
        hovertemplate: `${escapeHtml(name)}: %{y:.1%} at %{x:.3g}<extra></extra>`,
      },
      ...(median > 0
        ? [
            {
              ...axes,
              x: [median, median],
              y: [0, highest],
              line: { color: colour, width: 2.4 },
              hovertemplate: `${escapeHtml(name)}: median %{x:.4g}<extra></extra>`,
            },
          ]
        : []),
    ];
    const counted = zeros === 0 ? '' : `, ${zeros} of length 0`;
    return {
      traces,
      layout: {
        [panel.xaxis]: {
          ...valueAxis(),
          ...logarithmicTicks(edges[0] ?? 1, edges.at(-1) ?? 1, 10),
          domain: panel.xDomain,
          anchor: panel.y,
          range: [first / perDecade, (last + 1) / perDecade],
          showticklabels: panel.isLowest,
        },
        [panel.yaxis]: {
          ...valueAxis(),
          domain: panel.yDomain,
          anchor: panel.x,
          range: [0, highest * 1.08],
          nticks: 3,
          tickformat: '.0%',
          showgrid: false,
        },
      },
      annotations: [
        panel.heading(escapeHtml(name)),
        label(
          `median ${Number.isNaN(median) ? '–' : median.toPrecision(3)}, ${n} vectors${counted}`,
          { x: 1, xanchor: 'right', y: panel.yDomain[1], yanchor: 'bottom', yshift: 4 },
          sizes.small,
        ),
      ],
    };
  };
  return panelFigure({
    title: title ?? 'How long the vectors are',
    source,
    note,
    width,
    numbers: sets.map(({ name }, i) => ({
      name,
      ...boxStatistics(lengths[i] ?? []),
      edges,
      ...(found[i] as Histogram),
    })),
    items: sets,
    grid: { columns: 1, panelHeight: 54, head: 24, foot: 4 },
    draw: drawSet,
  });
}
