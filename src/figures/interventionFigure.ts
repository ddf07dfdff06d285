import type { InterventionRecord } from '../experiments/gapRecords';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { measureName } from './measureNames';
import { methodMark } from './methodMarks';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { label, sizes, tint, valueAxis } from './theme';

export type InterventionNumbers = {
  readonly title?: string;
  readonly records: readonly InterventionRecord[];
  /** Whose distance from the floor is the horizontal axis. */
  readonly measure: string;
  readonly source: FigureSource;
};

const width = 760;

/** What each intervention does, as a heading. */
const interventionNames: Readonly<Record<string, string>> = {
  multiply: 'Multiply by c',
  matchNorm: 'Norm as the inputs’',
  moveCentroid: 'Move the centroid',
  shuffleScales: 'Shuffle the scales',
  nearestTokens: 'To nearest tokens',
  rotate: 'Rotate',
};

/** The two outcomes: what a panel's vertical axis shows. */
const outcomes = [
  { name: 'BLEU', of: ({ bleu }: InterventionRecord): number => bleu },
  { name: 'loss', of: ({ loss }: InterventionRecord): number => loss },
] as const;
type Outcome = (typeof outcomes)[number];

const runOf = ({ task, method, seed }: InterventionRecord): string => `${task}/${method}/${seed}`;

/** The degree of an intervention that changes nothing: where the run as it is stands among its points. */
const unchangedAt = (intervention: string): number => (intervention === 'multiply' ? 1 : 0);

/** One run in one panel: its points by degree, and the run as it is as a ring among them. */
function runTraces(
  records: readonly InterventionRecord[],
  measure: string,
  { of, name: outcome }: Outcome,
  panel: Panel,
): Figure['traces'] {
  const [first] = records;
  if (first === undefined) return [];
  const { name, colour } = methodMark(first.method);
  const gapOf = (record: InterventionRecord): number | null => record.gaps[measure]?.excess ?? null;
  const changes = records.filter(({ intervention }) => intervention !== 'none');
  const degree = ({ intervention, strength }: InterventionRecord): number =>
    intervention === 'none' ? unchangedAt(changes[0]?.intervention ?? '') : strength;
  // Several draws of one degree are no path.
  const isPath = new Set(changes.map(degree)).size === changes.length;
  const line = isPath ? records.toSorted((a, b) => degree(a) - degree(b)) : [];
  const shared = { xaxis: panel.x, yaxis: panel.y, type: 'scatter' };
  const text = (record: InterventionRecord): string =>
    escapeHtml(`${name}, ${record.task}, seed ${record.seed}`) +
    (record.intervention === 'none' ? ', unchanged' : `, degree ${record.strength}`);
  const hovertemplate = `%{text}<br>gap %{x:.3g}, ${outcome} %{y:.3f}<extra></extra>`;
  return [
    {
      ...shared,
      mode: 'lines',
      x: line.map(gapOf),
      y: line.map(of),
      line: { color: tint(colour, 0.5), width: 1.4 },
      hoverinfo: 'skip',
    },
    {
      ...shared,
      mode: 'markers',
      x: changes.map(gapOf),
      y: changes.map(of),
      marker: { color: colour, size: 5 },
      text: changes.map(text),
      hovertemplate,
    },
    ...records
      .filter(({ intervention }) => intervention === 'none')
      .map((record) => ({
        ...shared,
        mode: 'markers',
        x: [gapOf(record)],
        y: [of(record)],
        marker: { symbol: 'circle-open', color: colour, size: 11, line: { width: 2.4, color: colour } },
        text: [text(record)],
        hovertemplate,
      })),
  ];
}

/**
 * Trained runs whose prompt is changed and not trained again: BLEU and loss against the gap, a column of panels an
 * intervention. A gap that mattered by itself would move them along with it, whatever moved the gap.
 */
export function interventionFigure({ title, records, measure, source }: InterventionNumbers): Figure {
  const interventions = [...new Set(records.map(({ intervention }) => intervention))].filter(
    (name) => name !== 'none',
  );
  const unchanged = records.filter(({ intervention }) => intervention === 'none');
  const columns = Math.min(3, Math.max(1, interventions.length));
  const note =
    'Each column: one change of trained prompts, which are not trained again. Ring: the run as it is; points: degrees of ' +
    'the change, joined in their order, or draws of it. From left to right: how far the prompt’s ' +
    `${measureName(measure).toLowerCase()} lies from its floor, so further left is a smaller gap.`;
  // Interventions go by threes; below each BLEU panel stands its loss.
  const cells = Array.from({ length: Math.ceil(interventions.length / columns) }, (_, block) =>
    outcomes.map((outcome) =>
      Array.from({ length: columns }, (_, column) => ({
        intervention: interventions[block * columns + column],
        outcome,
      })),
    ),
  ).flat(2);
  const drawCell = ({ intervention, outcome }: (typeof cells)[number], panel: Panel): DrawnPanel => {
    if (intervention === undefined) return { traces: [], layout: {}, annotations: [] };
    const changed = records.filter((record) => record.intervention === intervention);
    const runs = [...new Set(changed.map(runOf))];
    const own = [...unchanged, ...changed];
    return {
      traces: runs.flatMap((run) =>
        runTraces(
          own.filter((record) => runOf(record) === run),
          measure,
          outcome,
          panel,
        ),
      ),
      layout: {
        [panel.xaxis]: {
          ...valueAxis(),
          domain: panel.xDomain,
          anchor: panel.y,
          nticks: 5,
          showgrid: false,
          zeroline: false,
        },
        [panel.yaxis]: {
          ...valueAxis(),
          domain: panel.yDomain,
          anchor: panel.x,
          nticks: 4,
          zeroline: false,
          ...(outcome.name === 'BLEU' ? { rangemode: 'tozero' } : {}),
        },
      },
      annotations: [
        panel.heading(`${escapeHtml(interventionNames[intervention] ?? intervention)}: ${outcome.name}`),
        ...(panel.isLowest
          ? [
              label(
                'gap',
                { x: panel.xDomain[1], xanchor: 'right', y: panel.yDomain[0], yanchor: 'top', yshift: -22 },
                sizes.small,
              ),
            ]
          : []),
      ],
    };
  };
  const methods = [...new Set(records.map(({ method }) => method))];
  return panelFigure({
    title: title ?? 'Changing the gap of trained prompts: what happens to BLEU and loss',
    source,
    note,
    width,
    numbers: { measure, records },
    items: cells,
    grid: { columns, panelHeight: 120, foot: 34 },
    legend: methods.map(methodMark),
    draw: drawCell,
  });
}
