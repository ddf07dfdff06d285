import { type GapRecord, type GapSet, gapSets } from '../experiments/gapRecords';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { gapSetLegend, gapSetMarks } from './gapSetMarks';
import { mean } from './mean';
import { measureName } from './measureNames';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { colours, sizes, tint, valueAxis } from './theme';

export type LayerLinesNumbers = {
  readonly title?: string;
  /** A panel a measure, in their order; layers along its axis. */
  readonly records: readonly GapRecord[];
  readonly source: FigureSource;
};

const width = 760;
const note =
  'A panel is a measure. Thick: the mean of the runs; thin: each run. Dotted: the floor, input states against other input ' +
  'states at the same place. Layer 0 is what enters the encoder, layer i what leaves its i-th block; a line breaks where ' +
  'the measure is undefined.';

/** The mean over records of each layer; null where there is none. */
function meansBy(
  layers: readonly number[],
  records: readonly GapRecord[],
  of: (record: GapRecord) => number | null,
): (number | null)[] {
  return layers.map((layer) => {
    const values = records
      .filter((record) => record.layer === layer)
      .map(of)
      .filter((value) => value !== null);
    return values.length === 0 ? null : mean(values);
  });
}

function setTraces(
  records: readonly GapRecord[],
  set: GapSet,
  layers: readonly number[],
  panel: Panel,
): Figure['traces'] {
  const own = records.filter((record) => record.set === set);
  const { name, colour } = gapSetMarks[set];
  const seeds = [...new Set(own.map(({ seed }) => seed))];
  const shared = { xaxis: panel.x, yaxis: panel.y, type: 'scatter', x: layers, connectgaps: false };
  const runs = seeds.map((seed) => ({
    ...shared,
    mode: 'lines',
    y: meansBy(
      layers,
      own.filter((record) => record.seed === seed),
      ({ value }) => value,
    ),
    line: { color: tint(colour, 0.45), width: 1 },
    hoverinfo: 'skip',
  }));
  const average = {
    ...shared,
    mode: 'lines+markers',
    y: meansBy(layers, own, ({ value }) => value),
    line: { color: colour, width: 2.2 },
    marker: { color: colour, size: 5 },
    hovertemplate: `${escapeHtml(name)}, layer %{x}: %{y:.4g}<extra></extra>`,
  };
  return seeds.length < 2 ? [average] : [...runs, average];
}

/** How each measure goes through the encoder's layers: one line a set of vectors, with the floor. */
export function layerLinesFigure({ title, records, source }: LayerLinesNumbers): Figure {
  const measures = [...new Set(records.map(({ measure }) => measure))];
  const layers = [...new Set(records.map(({ layer }) => layer))].sort((a, b) => a - b);
  const sets = gapSets.filter((set) => records.some((record) => record.set === set));
  const drawMeasure = (measure: string, panel: Panel): DrawnPanel => {
    const own = records.filter((record) => record.measure === measure);
    const floor = {
      xaxis: panel.x,
      yaxis: panel.y,
      type: 'scatter',
      mode: 'lines',
      x: layers,
      y: meansBy(layers, own, (record) => record.floor),
      line: { color: colours.floor, width: 1.3, dash: 'dot' },
      hovertemplate: 'floor, layer %{x}: %{y:.4g}<extra></extra>',
    };
    return {
      traces: [...sets.flatMap((set) => setTraces(own, set, layers, panel)), floor],
      layout: {
        [panel.xaxis]: {
          ...valueAxis(),
          domain: panel.xDomain,
          anchor: panel.y,
          showgrid: false,
          zeroline: false,
          // Of many layers every few are named; each has its place.
          ...(layers.length > 8 ? { nticks: 7 } : { tickvals: layers }),
          ...(panel.isLowest ? { title: { text: 'layer', font: { size: sizes.small }, standoff: 4 } } : {}),
        },
        [panel.yaxis]: {
          ...valueAxis(),
          domain: panel.yDomain,
          anchor: panel.x,
          nticks: 5,
        },
      },
      annotations: [panel.heading(escapeHtml(measureName(measure)))],
    };
  };
  return panelFigure({
    title: title ?? 'The gap through the encoder, by each measure',
    source,
    note,
    width,
    numbers: { records },
    items: measures,
    grid: { columns: 3, panelHeight: 130, foot: 34, below: 12 },
    legend: gapSetLegend(sets, true),
    draw: drawMeasure,
  });
}
