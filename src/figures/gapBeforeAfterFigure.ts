import { type GapRecord, type GapSet, gapSets } from '../experiments/gapRecords';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { gapSetMarks } from './gapSetMarks';
import { mean } from './mean';
import { measureName } from './measureNames';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { colours, nameAxis, sizes, tint, valueAxis } from './theme';

export type GapBeforeAfterNumbers = {
  readonly title?: string;
  /** Of one place, e.g. the embedding; a panel a measure, in their order. */
  readonly records: readonly GapRecord[];
  readonly source: FigureSource;
};

const width = 760;
const note =
  'A panel is a measure, each with its own axis; a point is one run, its bar the 95 % interval over the tokens of that run ' +
  '(where the measure has a valid one), the upright line the mean of the runs. Dashed: the floor, what input tokens ' +
  'give against other input tokens. Nearer to the floor is a smaller gap.';

/** A record whose measure is defined. */
type Defined = GapRecord & { readonly value: number };
const isDefined = (record: GapRecord): record is Defined => record.value !== null;

/** One set's runs in one panel, side by side around the set's position. */
function setTraces(
  records: readonly Defined[],
  set: GapSet,
  position: number,
  panel: Panel,
): Figure['traces'] {
  const own = records.filter((record) => record.set === set);
  if (own.length === 0) return [];
  const { name, colour } = gapSetMarks[set];
  const step = Math.min(0.18, 0.64 / own.length);
  const at = (i: number): number => position - (i - (own.length - 1) / 2) * step;
  const axes = { xaxis: panel.x, yaxis: panel.y };
  const average = mean(own.map(({ value }) => value));
  const points = {
    ...axes,
    type: 'scatter',
    mode: 'markers',
    x: own.map(({ value }) => value),
    y: own.map((_, i) => at(i)),
    error_x: {
      type: 'data',
      symmetric: false,
      array: own.map(({ value, interval }) => (interval === null ? 0 : interval[1] - value)),
      arrayminus: own.map(({ value, interval }) => (interval === null ? 0 : value - interval[0])),
      color: tint(colour, 0.5),
      thickness: 1.4,
      width: 0,
    },
    marker: { color: colour, size: 5 },
    text: own.map(({ seed, pValue }) =>
      escapeHtml(`${name}, seed ${seed}${pValue === null ? '' : `, p = ${pValue.toPrecision(2)}`}`),
    ),
    hovertemplate: '%{text}: %{x:.4g}<extra></extra>',
  };
  if (own.length < 2) return [points];
  const line = {
    ...axes,
    type: 'scatter',
    mode: 'lines',
    x: [average, average],
    y: [position - 0.42, position + 0.42],
    line: { color: colour, width: 2 },
    hovertemplate: `${escapeHtml(name)}, mean of ${own.length} runs: %{x:.4g}<extra></extra>`,
  };
  return [line, points];
}

/** The floor of a panel: the mean over the records', which differ by draw. */
function floorOf(records: readonly GapRecord[]): number | null {
  const floors = records.map(({ floor }) => floor).filter((floor) => floor !== null);
  return floors.length === 0 ? null : mean(floors);
}

/** The floor as a line through all sets; a trace and no shape, so that the axis makes room for it. */
function floorTrace(floor: number, sets: number, panel: Panel): Figure['traces'][number] {
  return {
    xaxis: panel.x,
    yaxis: panel.y,
    type: 'scatter',
    mode: 'lines',
    x: [floor, floor],
    y: [-0.6, sets - 0.4],
    line: { color: colours.floor, width: 1.3, dash: 'dot' },
    hovertemplate: 'floor: %{x:.4g}<extra></extra>',
  };
}

/** From the least to the greatest of values, interval ends and floor, with room at both ends: lines ask for none. */
function rangeOf(records: readonly Defined[], floor: number | null): readonly [number, number] | undefined {
  const all = [
    ...records.flatMap(({ value, interval }) => [value, ...(interval ?? [])]),
    ...(floor === null ? [] : [floor]),
  ];
  if (all.length === 0) return undefined;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = high > low ? 0.06 * (high - low) : 1;
  return [low - room, high + room];
}

/**
 * The gap by each measure, for every set that was compared with the inputs: before and after scaling, beside PT's prompt,
 * an untrained one and random tokens, with intervals and the floor.
 */
export function gapBeforeAfterFigure({ title, records, source }: GapBeforeAfterNumbers): Figure {
  const measures = [...new Set(records.map(({ measure }) => measure))];
  const sets = gapSets.filter((set) => records.some((record) => record.set === set));
  const drawMeasure = (measure: string, panel: Panel): DrawnPanel => {
    const all = records.filter((record) => record.measure === measure);
    const own = all.filter(isDefined);
    const floor = floorOf(all);
    const axis = {
      ...valueAxis(),
      domain: panel.xDomain,
      anchor: panel.y,
      nticks: 5,
      zeroline: false,
      range: rangeOf(own, floor),
    };
    const rows = sets.map((_, place) => sets.length - 1 - place);
    return {
      traces: [
        ...(floor === null ? [] : [floorTrace(floor, sets.length, panel)]),
        ...sets.flatMap((set, place) => setTraces(own, set, sets.length - 1 - place, panel)),
      ],
      layout: {
        [panel.xaxis]: axis,
        [panel.yaxis]: {
          ...nameAxis(
            rows,
            sets.map((set) => (panel.column === 0 ? gapSetMarks[set].name : '')),
          ),
          tickfont: { size: sizes.small },
          domain: panel.yDomain,
          anchor: panel.x,
          range: [-0.6, sets.length - 0.4],
        },
      },
      annotations: [
        panel.heading(escapeHtml(measureName(measure)) + (own.length === 0 ? ' (undefined)' : '')),
      ],
    };
  };
  return panelFigure({
    title: title ?? 'The gap between prompt and input embeddings, by each measure',
    source,
    note,
    width,
    numbers: { records },
    items: measures,
    grid: { columns: 3, panelHeight: 26 * Math.max(2, sets.length), between: 34, left: 48 },
    legend: [{ name: 'floor: input tokens against input tokens', colour: colours.floor, mark: '┅' }],
    draw: drawMeasure,
  });
}
