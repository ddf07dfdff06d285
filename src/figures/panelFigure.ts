import type { Figure } from './figure';
import { legendLine, type LegendEntry } from './legend';
import { type Panel, panelGrid, type PanelOptions } from './panels';

type Drawing = Readonly<Record<string, unknown>>;

/** What stands in one panel: its traces, its axes by their names in a layout, and its texts. */
export type DrawnPanel = {
  readonly traces: readonly Drawing[];
  readonly layout: Drawing;
  readonly annotations: readonly Drawing[];
};

/** A figure of small multiples before its panels are drawn. */
export type PanelFigure<Item> = Pick<Figure, 'title' | 'source' | 'note' | 'width' | 'numbers'> & {
  /** What each panel shows, row by row. */
  readonly items: readonly Item[];
  readonly grid: PanelOptions;
  /** What colours mean in all panels. */
  readonly legend?: readonly LegendEntry[];
  draw(item: Item, panel: Panel, index: number): DrawnPanel;
};

/** A figure of small multiples: every item drawn in a panel of its own, and all of them put together. */
export function panelFigure<Item>({
  items,
  grid: options,
  legend,
  draw,
  ...figure
}: PanelFigure<Item>): Figure {
  const grid = panelGrid(items.length, options, figure);
  const drawn = grid.panels.map((panel, i) => draw(items[i] as Item, panel, i));
  return {
    ...figure,
    height: grid.height,
    traces: drawn.flatMap(({ traces }) => traces),
    layout: {
      ...Object.fromEntries(drawn.flatMap(({ layout }) => Object.entries(layout))),
      annotations: [
        ...(legend === undefined ? [] : [legendLine(legend)]),
        ...drawn.flatMap(({ annotations }) => annotations),
      ],
    },
  };
}
