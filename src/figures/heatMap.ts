import { escapeHtml } from './escapeHtml';
import type { Panel } from './panels';
import { sizes } from './theme';

/** Blue: below zero, white: zero, vermillion: above; the ends are Okabe and Ito's. */
const diverging = [
  [0, '#0072B2'],
  [0.5, '#FFFFFF'],
  [1, '#D55E00'],
] as const;

/** White to blue, for values without a middle. */
const sequential = [
  [0, '#FFFFFF'],
  [1, '#0072B2'],
] as const;

export type HeatMapNumbers = {
  /** `[rows][columns]`, the first row on top; null stays blank. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Colours lie around zero, else from the least to the greatest value. */
  readonly isDiverging: boolean;
  /** The greatest absolute value (the greatest, without a middle) that the colours reach. */
  readonly limit: number;
  /** Digits of the number in each cell; null writes none. */
  readonly digits: number | null;
  /** What the cells say, for the hover text. */
  readonly what: string;
  /** The scale of the colours beside the map. */
  readonly bar?: Readonly<Record<string, unknown>>;
};

/** A value as the cell shows it, with a true minus. */
function cell(value: number | null | undefined, digits: number | null): string {
  if (value === null || value === undefined) return '–';
  // A value that rounds to zero has no sign.
  return digits === null
    ? ''
    : value
        .toFixed(digits)
        .replace(/^-(0\.?0*)$/, '$1')
        .replace(/^-/, '−');
}

/** A heat map in a panel: its trace and axes. Names are the caller's data and shown as they are. */
export function heatMap(
  { values, rows, columns, isDiverging, limit, digits, what, bar }: HeatMapNumbers,
  panel: Panel,
): { readonly trace: Readonly<Record<string, unknown>>; readonly layout: Readonly<Record<string, unknown>> } {
  const axis = {
    showgrid: false,
    zeroline: false,
    showline: false,
    ticks: '',
    ticklabelstandoff: 4,
    tickfont: { size: sizes.small },
  };
  const names = (list: readonly string[]): Readonly<Record<string, unknown>> => ({
    tickvals: list.map((_, i) => i),
    ticktext: list.map(escapeHtml),
    range: [-0.5, list.length - 0.5],
  });
  return {
    trace: {
      type: 'heatmap',
      xaxis: panel.x,
      yaxis: panel.y,
      x: columns.map((_, i) => i),
      y: rows.map((_, i) => i),
      z: values,
      zmin: isDiverging ? -limit : 0,
      zmax: limit,
      colorscale: isDiverging ? diverging : sequential,
      xgap: 1.5,
      ygap: 1.5,
      showscale: bar !== undefined,
      ...(bar === undefined ? {} : { colorbar: bar }),
      text: values.map((row) => row.map((value) => cell(value, digits))),
      texttemplate: '%{text}',
      textfont: { size: sizes.small },
      customdata: rows.map((row) => columns.map((column) => `${escapeHtml(row)}, ${escapeHtml(column)}`)),
      hovertemplate: `%{customdata}: %{z:.3g} ${escapeHtml(what)}<extra></extra>`,
    },
    layout: {
      [panel.xaxis]: { ...axis, ...names(columns), domain: panel.xDomain, anchor: panel.y },
      [panel.yaxis]: {
        ...axis,
        ...names(rows),
        range: [rows.length - 0.5, -0.5],
        domain: panel.yDomain,
        anchor: panel.x,
      },
    },
  };
}
