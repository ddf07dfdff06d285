import { label, sizes } from './theme';
import { heightAround, margin } from './plotlyFigure';
import type { Figure } from './figure';

/** One panel of a grid: which axes it has, where it lies, and its heading. */
export type Panel = {
  /** Plotly's names of its axes in traces: `x`, `x2`, ... */
  readonly x: string;
  readonly y: string;
  /** The same in a layout: `xaxis`, `xaxis2`, ... */
  readonly xaxis: string;
  readonly yaxis: string;
  /** Shares of the plot's width and height. */
  readonly xDomain: readonly [number, number];
  readonly yDomain: readonly [number, number];
  readonly row: number;
  readonly column: number;
  readonly isLowest: boolean;
  heading(text: string): Readonly<Record<string, unknown>>;
};

export type PanelGrid = {
  readonly panels: readonly Panel[];
  /** Of the whole figure, its texts counted in. */
  readonly height: number;
};

export type PanelOptions = {
  readonly columns: number;
  /** Pixels: a panel's height, and what lies around it. */
  readonly panelHeight: number;
  /** For the heading above each panel. */
  readonly head?: number;
  /** For the numbers (and the title) of the x axis below each panel. */
  readonly foot?: number;
  /** Below the last row, where the figure's own margin does not hold the axes' titles. */
  readonly below?: number;
  /** Between columns, for the numbers of the y axis. */
  readonly between?: number;
  /** Left of the first column, beside the figure's own margin. */
  readonly left?: number;
  /** Right of the last column. */
  readonly right?: number;
};

/**
 * Where the panels of small multiples lie, row by row, in pixels that hold whatever the figure's height is.
 *
 * @param texts the figure's width, note and source, which its height depends on.
 */
export function panelGrid(
  count: number,
  { columns, panelHeight, head = 28, foot = 30, below = 0, between = 46, left = 0, right = 0 }: PanelOptions,
  texts: Pick<Figure, 'note' | 'source' | 'width'>,
): PanelGrid {
  const rows = Math.ceil(count / columns);
  const plotWidth = texts.width - margin.l - margin.r;
  const panelWidth = (plotWidth - left - right - between * (columns - 1)) / columns;
  // The figure's own margins hold the first heading, and the numbers below the last row.
  const plotHeight =
    rows * panelHeight + (rows - 1) * (head + foot) + Math.max(0, foot - margin.axis) + below;
  const panels = Array.from({ length: count }, (_, i): Panel => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const start = left + column * (panelWidth + between);
    const top = row * (panelHeight + head + foot);
    const suffix = i === 0 ? '' : String(i + 1);
    const xDomain = [start / plotWidth, (start + panelWidth) / plotWidth] as const;
    const yDomain = [1 - (top + panelHeight) / plotHeight, 1 - top / plotHeight] as const;
    return {
      x: `x${suffix}`,
      y: `y${suffix}`,
      xaxis: `xaxis${suffix}`,
      yaxis: `yaxis${suffix}`,
      xDomain: xDomain.map((share) => Math.min(1, Math.max(0, share))) as [number, number],
      yDomain: yDomain.map((share) => Math.min(1, Math.max(0, share))) as [number, number],
      row,
      column,
      isLowest: i + columns >= count,
      heading: (text) =>
        label(
          text,
          { x: xDomain[0], xanchor: 'left', y: yDomain[1], yanchor: 'bottom', yshift: 5 },
          sizes.label,
        ),
    };
  });
  return { panels, height: heightAround(plotHeight, texts) };
}
