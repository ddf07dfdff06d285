import type { HeadRecord } from '../experiments/gapRecords';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { heatMap } from './heatMap';
import { label, sizes } from './theme';
import { mean } from './mean';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { margin } from './plotlyFigure';

export type HeadHeatMapNumbers = {
  readonly title: string;
  /** What a cell says and how it was made, for the note. */
  readonly note: string;
  /** A panel a part (`key`, `query`, `value`, or masses), in their order; several runs are averaged. */
  readonly records: readonly HeadRecord[];
  /** Colours lie around zero: for differences. */
  readonly isDiverging: boolean;
  /** What one number is, e.g. `centroid gap`. */
  readonly what: string;
  readonly source: FigureSource;
};

const width = 760;
/** Pixels right of the panels for the scale of the colours and its numbers, where there is one. */
const barWidth = 56;

/** Layer by head, a panel a part: means over runs, the same colours in every panel. */
export function headHeatMapFigure({
  title,
  note,
  records,
  isDiverging,
  what,
  source,
}: HeadHeatMapNumbers): Figure {
  const parts = [...new Set(records.map(({ part }) => part))];
  const ascending = (of: (record: HeadRecord) => number): number[] =>
    [...new Set(records.map(of))].sort((a, b) => a - b);
  const layers = ascending(({ layer }) => layer);
  const heads = ascending(({ head }) => head);
  const maps = parts.map((part) => ({
    part,
    values: layers.map((layer) =>
      heads.map((head) => {
        const values = records
          .filter((record) => record.part === part && record.layer === layer && record.head === head)
          .map(({ value }) => value)
          .filter((value) => value !== null);
        return values.length === 0 ? null : mean(values);
      }),
    ),
  }));
  const all = maps.flatMap(({ values }) => values.flat()).filter((value) => value !== null);
  const limit = Math.max(1e-9, ...all.map(Math.abs));
  const fits = heads.length <= 6;
  const columns = Math.min(fits ? 3 : 2, parts.length);
  const drawPart = ({ part, values }: (typeof maps)[number], panel: Panel, i: number): DrawnPanel => {
    const { trace, layout } = heatMap(
      {
        values,
        rows: layers.map(String),
        columns: heads.map(String),
        isDiverging,
        limit,
        // Numbers fit into the cells of a small model only.
        digits: fits ? (limit >= 10 ? 1 : 2) : null,
        what,
        // One scale for all panels, in the room right of them: without numbers in the cells it is what tells them.
        ...(fits || i > 0
          ? {}
          : {
              bar: {
                thickness: 10,
                len: 0.8,
                x: 1 - (barWidth - 12) / (width - margin.l - margin.r),
                xanchor: 'left',
                tickfont: { size: sizes.small },
              },
            }),
      },
      panel,
    );
    const headings = [panel.heading(escapeHtml(part))];
    if (panel.isLowest)
      headings.push(
        label(
          'head',
          { x: panel.xDomain[1], xanchor: 'right', y: panel.yDomain[0], yanchor: 'top', yshift: -20 },
          sizes.small,
        ),
      );
    return { traces: [trace], layout, annotations: headings };
  };
  return panelFigure({
    title,
    source,
    note: `${note} Rows: layers of the encoder; columns: heads.`,
    width,
    numbers: { what, layers, heads, parts: maps },
    items: maps,
    grid: {
      columns,
      // Many layers get thinner rows.
      panelHeight: layers.length * (layers.length > 12 ? 14 : 26),
      between: 34,
      foot: 46,
      right: fits ? 0 : barWidth,
    },
    draw: drawPart,
  });
}
