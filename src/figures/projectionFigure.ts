import type { MapPoint, PointSet, SiteMap } from '../experiments/projectRun';
import { escapeHtml } from './escapeHtml';
import type { Figure, FigureSource } from './figure';
import { gapSetMarks } from './gapSetMarks';
import { type DrawnPanel, panelFigure } from './panelFigure';
import type { Panel } from './panels';
import { margin } from './plotlyFigure';
import { colours, label, sizes, tint } from './theme';

/** Which of a site's two maps is drawn. */
export type DrawnMap = { readonly kind: 'umap' | 'pca'; readonly map: SiteMap };

export type ProjectionNumbers = {
  readonly title?: string;
  /** A panel a map: UMAP and its PCA twin, or one map a layer. */
  readonly maps: readonly DrawnMap[];
  /** Panels side by side (default 2). */
  readonly columns?: number;
  readonly source: FigureSource;
};

const width = 760;

/** What may be read from a map, and what may not; it stands under every one. */
const reading =
  'What may be read: which vectors are neighbours, as far as the numbers under each map allow (1 is best; trustworthiness: ' +
  'no false neighbours; continuity: no lost ones; seeds agree: 1 − Procrustes disparity of maps by other seeds). What may not: distances between ' +
  'clusters, their sizes and densities in UMAP, and whether a gap became smaller; the measures say that.';
const twin = ' PCA keeps distances as far as two directions can.';
const arrows = ' An arrow leads from a prompt vector before its scale to the same vector after it.';

type Mark = { readonly name: string; readonly colour: string; readonly size: number };

/** Sets from the bottom to the top of the drawing. */
const order: readonly PointSet[] = ['vocabulary', 'inputs', 'prompt', 'scaled'];

/** How a set is drawn; the prompt of a run without a scale is PT's. */
function markOf(set: PointSet, isScaled: boolean): Mark {
  if (set === 'inputs') return { name: 'input tokens', colour: tint(colours.inputs, 0.55), size: 4 };
  const { name, colour } = gapSetMarks[set === 'prompt' && !isScaled ? 'promptTuning' : set];
  return set === 'vocabulary' ? { name, colour: tint(colour, 0.55), size: 4 } : { name, colour, size: 6 };
}

/** A map's points as they are drawn. */
type Placed = MapPoint & { readonly x: number; readonly y: number };

function placed({ kind, map }: DrawnMap): readonly Placed[] {
  return map.points.map((point) => ({ ...point, x: point[kind][0] ?? 0, y: point[kind][1] ?? 0 }));
}

/** What hovering over a point tells. */
function hoverText({ set, index, tokens = [], scale, norm }: MapPoint, { name }: Mark): string {
  const texts = tokens.map(({ text, cosine }) =>
    cosine === undefined ? `“${text}”` : `“${text}” ${cosine.toFixed(2)}`,
  );
  const lines =
    set === 'inputs' || set === 'vocabulary'
      ? [`${name}: ${texts.join('')}`]
      : [
          `${name}, token ${index + 1}`,
          ...(scale === undefined ? [] : [`scale ${scale.toPrecision(3)}`]),
          ...(texts.length === 0 ? [] : [`nearest by cosine: ${texts.join(' · ')}`]),
        ];
  return [...lines, `norm ${norm.toPrecision(3)}`].map(escapeHtml).join('<br>');
}

function setTrace(
  points: readonly Placed[],
  set: PointSet,
  isScaled: boolean,
  panel: Panel,
): Figure['traces'] {
  const own = points.filter((point) => point.set === set);
  if (own.length === 0) return [];
  const mark = markOf(set, isScaled);
  return [
    {
      type: 'scatter',
      mode: 'markers',
      xaxis: panel.x,
      yaxis: panel.y,
      x: own.map(({ x }) => x),
      y: own.map(({ y }) => y),
      marker: { color: mark.colour, size: mark.size, line: { width: 0 } },
      text: own.map((point) => hoverText(point, mark)),
      hovertemplate: '%{text}<extra></extra>',
    },
  ];
}

/** Arrows from each prompt vector before its scale to itself after it, in one trace: a break between any two. */
function arrowTrace(points: readonly Placed[], panel: Panel): Figure['traces'] {
  const after = new Map(
    points.filter(({ set }) => set === 'scaled').map((point) => [point.index, point] as const),
  );
  const pairs = points
    .filter(({ set }) => set === 'prompt')
    .flatMap((from) => {
      const to = after.get(from.index);
      return to === undefined ? [] : [{ from, to }];
    });
  if (pairs.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'lines+markers',
      xaxis: panel.x,
      yaxis: panel.y,
      x: pairs.flatMap(({ from, to }) => [from.x, to.x, null]),
      y: pairs.flatMap(({ from, to }) => [from.y, to.y, null]),
      line: { color: '#6B4A35', width: 0.8 },
      // A head at the end only: it turns after the point before it.
      marker: {
        symbol: 'arrow',
        angleref: 'previous',
        color: '#6B4A35',
        size: pairs.flatMap(() => [0, 6, 0]),
        line: { width: 0 },
      },
      hoverinfo: 'skip',
    },
  ];
}

/** Ranges that show all points with equal units in both directions, in a panel of these pixels. */
function equalRanges(
  points: readonly Placed[],
  pixels: readonly [number, number],
): readonly [x: readonly [number, number], y: readonly [number, number]] {
  const extent = (values: readonly number[]): readonly [middle: number, half: number] => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return [(low + high) / 2, (high - low) / 2];
  };
  if (points.length === 0)
    return [
      [-1, 1],
      [-1, 1],
    ];
  const [middleX, halfX] = extent(points.map(({ x }) => x));
  const [middleY, halfY] = extent(points.map(({ y }) => y));
  const unit = 1.08 * Math.max(halfX / pixels[0], halfY / pixels[1], 1e-9);
  return [
    [middleX - unit * pixels[0], middleX + unit * pixels[0]],
    [middleY - unit * pixels[1], middleY + unit * pixels[1]],
  ];
}

/** The numbers under a map, in two lines: a narrow panel holds no longer ones. */
function qualityText({ kind, map }: DrawnMap): string {
  const { trustworthiness, continuity, neighbourhoodPreservation } = map.quality[kind];
  // PCA knows no chance, but keeps a part of the variance only.
  const kept = map.explained.reduce((sum, share) => sum + share, 0);
  const last =
    kind === 'pca'
      ? `, variance ${kept.toFixed(2)}`
      : map.disparity === null
        ? ''
        : `, seeds agree ${(1 - map.disparity).toFixed(2)}`;
  return (
    `trustworthiness ${trustworthiness.toFixed(2)}, continuity ${continuity.toFixed(2)}<br>` +
    `neighbours kept ${neighbourhoodPreservation.toFixed(2)}${last}`
  );
}

const kindNames = { umap: 'UMAP', pca: 'PCA' } as const;

/**
 * Maps of one joint fit of input tokens, a vocabulary sample, and the prompt before and after its scale, with arrows; the
 * numbers that say how far each map can be trusted under it, and what may be read under all.
 */
export function projectionFigure({ title, maps, columns = 2, source }: ProjectionNumbers): Figure {
  const all = maps.flatMap(({ map }) => map.points);
  const present = order.filter((set) => all.some((point) => point.set === set));
  const isScaled = present.includes('scaled');
  const note = reading + (maps.some(({ kind }) => kind === 'pca') ? twin : '') + (isScaled ? arrows : '');
  const between = 20;
  const panelWidth = (width - margin.l - margin.r - between * (columns - 1)) / columns;
  const panelHeight = Math.round(panelWidth * 0.92);
  const drawMap = (shown: DrawnMap, panel: Panel): DrawnPanel => {
    const points = placed(shown);
    const { layer } = shown.map;
    const [rangeX, rangeY] = equalRanges(points, [panelWidth, panelHeight]);
    // A map's directions have no meaning, so its axes have no numbers.
    const axis = {
      showgrid: false,
      zeroline: false,
      showticklabels: false,
      ticks: '',
      showline: true,
      mirror: true,
      linecolor: '#D5D5D5',
    };
    const place = layer === null ? 'embedding' : `layer ${layer + 1}`;
    return {
      traces: [
        ...order.flatMap((set) => setTrace(points, set, isScaled, panel)),
        ...arrowTrace(points, panel),
      ],
      layout: {
        [panel.xaxis]: { ...axis, domain: panel.xDomain, anchor: panel.y, range: rangeX },
        [panel.yaxis]: { ...axis, domain: panel.yDomain, anchor: panel.x, range: rangeY },
      },
      annotations: [
        panel.heading(`${kindNames[shown.kind]}, ${place}`),
        label(
          qualityText(shown),
          { x: panel.xDomain[0], xanchor: 'left', y: panel.yDomain[0], yanchor: 'top', yshift: -4 },
          sizes.small,
        ),
      ],
    };
  };
  return panelFigure({
    title: title ?? 'Prompt vectors among the model’s tokens, before and after scaling',
    source,
    note,
    width,
    numbers: { maps },
    items: maps,
    grid: { columns, panelHeight, between, foot: 54, below: 4 },
    legend: present.map((set) => markOf(set, isScaled)),
    draw: drawMap,
  });
}
