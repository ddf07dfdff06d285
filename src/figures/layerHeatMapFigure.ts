import { gapExcess } from '../experiments/gapExcess';
import type { GapRecord, GapSet } from '../experiments/gapRecords';
import type { Figure, FigureSource } from './figure';
import { gapSetMarks } from './gapSetMarks';
import { heatMap } from './heatMap';
import { mean } from './mean';
import { measureName } from './measureNames';
import { panelFigure } from './panelFigure';
import { label, sizes } from './theme';

export type LayerHeatMapNumbers = {
  readonly title?: string;
  readonly records: readonly GapRecord[];
  /** What is compared: the gap of `after` over that of `before`. */
  readonly before: GapSet;
  readonly after: GapSet;
  readonly source: FigureSource;
};

const width = 760;
/** Beyond a factor of four, colours do not change; beyond one of sixteen, numbers. */
const limit = 2;
const end = 4;

/** log2 of the ratio of two gaps, from -4 to 4; 0 where both are none. */
function logRatio(before: number, after: number): number {
  if (before === 0) return after === 0 ? 0 : end;
  return Math.min(end, Math.max(-end, Math.log2(after / before)));
}

/** Mean distance from the floor over runs; null where the measure is undefined or has no floor. */
function meanExcess(records: readonly GapRecord[]): number | null {
  const values = records.map(gapExcess).filter((value) => value !== null);
  return values.length === 0 ? null : mean(values);
}

/**
 * Measure by layer: log2 of the gap after over the gap before, each the distance from the floor, mean over runs. Below 0
 * (blue) the gap is smaller.
 */
export function layerHeatMapFigure({ title, records, before, after, source }: LayerHeatMapNumbers): Figure {
  const measures = [...new Set(records.map(({ measure }) => measure))];
  const layers = [...new Set(records.map(({ layer }) => layer))].sort((a, b) => a - b);
  const values = measures.map((measure) =>
    layers.map((layer) => {
      const here = records.filter((record) => record.measure === measure && record.layer === layer);
      const [first, second] = [before, after].map((set) =>
        meanExcess(here.filter((record) => record.set === set)),
      );
      if (first === null || first === undefined || second === null || second === undefined) return null;
      return logRatio(first, second);
    }),
  );
  const names = { before: gapSetMarks[before].name, after: gapSetMarks[after].name };
  const note =
    `A cell is log2 of the gap of ${names.after} over the gap of ${names.before}, a gap being how far a measure lies from ` +
    'its floor, mean over runs: −1 is half the gap, 0 the same, +1 twice, −4 a sixteenth or less. Blue is a smaller gap; ' +
    'colours end at a factor of four. A dash: undefined, or no floor. Layer 0 is what enters the encoder.';
  const map = {
    values,
    rows: measures.map(measureName),
    columns: layers.map(String),
    isDiverging: true,
    limit,
    digits: layers.length > 14 ? null : 1,
    what: 'log2',
  };
  return panelFigure({
    title: title ?? `${names.after} against ${names.before}: where the gap is smaller`,
    source,
    note,
    width,
    numbers: { before, after, layers, measures, log2Ratio: values },
    items: [map],
    grid: { columns: 1, panelHeight: 24 * measures.length, left: 118, foot: 44 },
    draw: (numbers, panel) => {
      const { trace, layout } = heatMap(numbers, panel);
      return {
        traces: [trace],
        layout,
        annotations: [
          panel.heading('log2 of the ratio of gaps'),
          label(
            'layer',
            { x: 1, xanchor: 'right', y: panel.yDomain[0], yanchor: 'top', yshift: -24 },
            sizes.small,
          ),
        ],
      };
    },
  });
}
