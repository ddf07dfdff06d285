import { describe, expect, it } from 'vitest';
import { figurePage } from '../../src/figures/figurePage';
import type { Figure } from '../../src/figures/figure';
import { gapBeforeAfterFigure } from '../../src/figures/gapBeforeAfterFigure';
import { headHeatMapFigure } from '../../src/figures/headHeatMapFigure';
import { interventionFigure } from '../../src/figures/interventionFigure';
import { layerHeatMapFigure } from '../../src/figures/layerHeatMapFigure';
import { layerLinesFigure } from '../../src/figures/layerLinesFigure';
import { normHistogramFigure } from '../../src/figures/normHistogramFigure';
import { plotlyFigure } from '../../src/figures/plotlyFigure';
import { projectionFigure } from '../../src/figures/projectionFigure';
import { colours } from '../../src/figures/theme';
import { trajectoryFigure } from '../../src/figures/trajectoryFigure';
import { hostile } from './exampleFigure';
import { gapRecord, headRecords, interventionRecord, siteMap, source, trajectoryRecord } from './gapNumbers';

type Trace = {
  readonly type: string;
  readonly mode: string;
  readonly xaxis: string;
  readonly x: readonly (number | null)[];
  readonly y: readonly (number | null)[];
  readonly z: readonly (readonly (number | null)[])[];
  readonly text: readonly string[];
  readonly error_x: { readonly array: readonly number[]; readonly arrayminus: readonly number[] };
  readonly line: { readonly color: string };
  readonly marker: { readonly color: string; readonly symbol?: string; readonly size: unknown };
};
const tracesOf = (figure: Figure): readonly Trace[] => figure.traces as unknown as readonly Trace[];
/** Runs as they are, among those that were changed. */
const rings = (traces: readonly Trace[]): readonly Trace[] =>
  traces.filter(({ mode, marker }) => mode === 'markers' && marker.symbol === 'circle-open');
const textsOf = ({ layout }: Figure): string =>
  (layout['annotations'] as { readonly text: string }[]).map(({ text }) => text).join('\n');

/** One figure of each builder, of hostile names where the data bring names. */
const figures: Readonly<Record<string, () => Figure>> = {
  gapBeforeAfterFigure: () => gapBeforeAfterFigure({ records: [gapRecord('scaled', 1, 3)], source }),
  layerLinesFigure: () => layerLinesFigure({ records: [gapRecord('scaled', 1, 3)], source }),
  layerHeatMapFigure: () =>
    layerHeatMapFigure({
      records: [gapRecord('prompt', 1, 3), gapRecord('scaled', 1, 2)],
      before: 'prompt',
      after: 'scaled',
      source,
    }),
  headHeatMapFigure: () =>
    headHeatMapFigure({
      ...{ title: hostile, note: hostile, what: hostile, isDiverging: false, source },
      records: headRecords(2, 2, hostile),
    }),
  trajectoryFigure: () =>
    trajectoryFigure({ records: [trajectoryRecord(hostile, 1, 0, 1, { quantity: hostile })], source }),
  interventionFigure: () =>
    interventionFigure({
      records: [interventionRecord('none', 0, [3, 40, 1]), interventionRecord(hostile, 1, [2, 30, 2])],
      measure: hostile,
      source,
    }),
  normHistogramFigure: () =>
    normHistogramFigure({
      sets: [{ name: hostile, colour: colours.prompt, norms: [5] }],
      source,
    }),
  projectionFigure: () => projectionFigure({ maps: [{ kind: 'umap', map: siteMap(null, true) }], source }),
};

describe.each(Object.entries(figures))('%s', (_, build) => {
  const figure = build();

  it('lets no text of the data become markup, and stays offline', () => {
    expect(JSON.stringify(plotlyFigure(figure))).not.toContain('<img');
    const page = figurePage(figure, 'name');
    expect(page).not.toContain('<img src=x');
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('carries preset, n and seeds, is 760 wide, and keeps its panels inside', () => {
    expect(figure.source).toEqual(source);
    expect(figure.width).toBe(760);
    expect(JSON.stringify(plotlyFigure(figure))).toContain('seeds 1, 2');
    for (const [name, axis] of Object.entries(figure.layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      const [low, high] = (axis as { readonly domain: readonly [number, number] }).domain;
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(high).toBeGreaterThan(low);
    }
    expect(figure.numbers).toBeDefined();
    expect(() => JSON.stringify(figure.numbers)).not.toThrow();
  });
});

describe('gapBeforeAfterFigure', () => {
  const figure = gapBeforeAfterFigure({
    records: [
      gapRecord('scaled', 1, 4),
      gapRecord('scaled', 2, 6, { interval: null, floor: 3 }),
      gapRecord('promptTuning', 1, 9, { pValue: null }),
      gapRecord('scaled', 1, null, { measure: 'isoScore', floor: null, reason: 'equal' }),
    ],
    source,
  });
  const traces = tracesOf(figure);

  it('draws each run with its interval, none where there is none, the mean of several, and the floor', () => {
    const points = traces.filter(({ mode }) => mode === 'markers');
    expect(points.map(({ x }) => x)).toEqual([[9], [4, 6]]);
    expect(points[1]?.error_x).toMatchObject({ arrayminus: [1, 0], array: [2, 0] });
    expect(points[0]?.text[0]).toBe('P of PT, seed 1');
    expect(points[1]?.text[0]).toBe('s ⊙ P of SPT, seed 1, p = 0.0050');
    const lines = traces.filter(({ mode }) => mode === 'lines');
    // The floor differs by draw: its mean over the records of the panel.
    expect(lines.map(({ x }) => x)).toEqual([
      [5 / 3, 5 / 3],
      [5, 5],
    ]);
  });

  it('says of a measure that is undefined that it is', () => {
    expect(textsOf(figure)).toContain('IsoScore (undefined)');
  });
});

describe('layerLinesFigure', () => {
  it('goes through the layers: each run, the mean, the floor, and a gap where a layer is undefined', () => {
    const records = [1, 2].flatMap((seed) =>
      [0, 1, 2].map((layer) =>
        gapRecord('scaled', seed, layer === 1 ? null : layer + seed, {
          layer,
          floor: layer === 1 ? null : layer,
        }),
      ),
    );
    const traces = tracesOf(layerLinesFigure({ records, source }));
    expect(traces.map(({ y }) => y)).toEqual([
      [1, null, 3],
      [2, null, 4],
      [1.5, null, 3.5],
      [0, null, 2],
    ]);
    expect(traces[0]?.x).toEqual([0, 1, 2]);
  });

  it('draws one run as one line', () => {
    expect(tracesOf(layerLinesFigure({ records: [gapRecord('scaled', 1, 2)], source }))).toHaveLength(2);
  });
});

describe('layerHeatMapFigure', () => {
  it('shows log2 of the ratio of distances from the floor, nothing where there is none', () => {
    // Layer by layer, with a floor of 1: a quarter of the gap, none left, one out of none, no floor.
    const values = [
      [9, 3],
      [9, -1],
      [1, 2],
      [5, 3],
    ] as const;
    const records = values.flatMap(([before, after], layer) => [
      gapRecord('prompt', 1, before, { layer, floor: layer === 3 ? null : 1 }),
      gapRecord('scaled', 1, after, { layer }),
    ]);
    const [map] = tracesOf(layerHeatMapFigure({ records, before: 'prompt', after: 'scaled', source }));
    expect(map?.z).toEqual([[-2, -4, 4, null]]);
    expect(map?.text).toEqual([['−2.0', '−4.0', '4.0', '–']]);
  });
});

describe('headHeatMapFigure', () => {
  const shared = { title: 'Heads', note: 'A note.', what: 'gap', source } as const;

  it('averages runs, a panel a part, with the number in each cell', () => {
    const key = headRecords(2, 2, 'key');
    const other = key.map((record) => ({ ...record, seed: 2, value: (record.value ?? 0) + 2 }));
    const figure = headHeatMapFigure({
      ...shared,
      isDiverging: false,
      records: [...key, ...other, ...headRecords(2, 2, 'value')],
    });
    const [first, second] = tracesOf(figure);
    expect(first?.z).toEqual([
      [11, 12],
      [21, 22],
    ]);
    expect(second?.z[0]).toEqual([10, 11]);
    expect(first?.text).toEqual([
      ['11.0', '12.0'],
      ['21.0', '22.0'],
    ]);
    expect(textsOf(figure)).toMatch(/key[^]*value/);
  });

  it('of many heads writes no numbers but the colours’ scale', () => {
    const [map] = headHeatMapFigure({
      ...shared,
      isDiverging: true,
      records: headRecords(24, 16, 'key'),
    }).traces;
    expect(map).toMatchObject({ showscale: true, zmin: -255, zmax: 255 });
    expect((map as unknown as Trace).text.flat().join('')).toBe('');
  });
});

describe('trajectoryFigure', () => {
  it('shows each run, the mean, and quartiles where they are', () => {
    const records = [1, 3].flatMap((value, run) =>
      [0, 50].map((step) =>
        trajectoryRecord('scaled-prompt-tuning', run + 1, step, value + step, {
          quartiles: [value, value + 100],
        }),
      ),
    );
    const traces = tracesOf(trajectoryFigure({ records, source }));
    expect(traces.map(({ y }) => y)).toEqual([
      [2, 2],
      [102, 102],
      [1, 51],
      [3, 53],
      [2, 52],
    ]);
  });
});

describe('interventionFigure', () => {
  it('joins a run’s points by degree, the run as it is among them, for BLEU and loss', () => {
    const records = [
      interventionRecord('none', 0, [8, 40, 1]),
      interventionRecord('multiply', 2, [16, 30, 2]),
      interventionRecord('multiply', 0.5, [4, 20, 3]),
    ];
    const traces = tracesOf(interventionFigure({ records, measure: 'centroidGap', source }));
    const lines = traces.filter(({ mode }) => mode === 'lines');
    expect(lines.map(({ x, y }) => [x, y])).toEqual([
      [
        [4, 8, 16],
        [20, 40, 30],
      ],
      [
        [4, 8, 16],
        [3, 1, 2],
      ],
    ]);
    expect(rings(traces)).toHaveLength(2);
  });

  it('leaves out runs that an intervention was not tried on', () => {
    const records = [
      interventionRecord('none', 0, [8, 40, 1]),
      interventionRecord('none', 0, [7, 41, 1], 2),
      interventionRecord('shuffleScales', 0, [null, 3, 4], 2),
    ];
    const traces = tracesOf(interventionFigure({ records, measure: 'centroidGap', source }));
    expect(rings(traces).map(({ y }) => y)).toEqual([[41], [1]]);
  });
});

describe('normHistogramFigure', () => {
  it('counts vectors in bins of equal factors, and those of length zero beside', () => {
    const figure = normHistogramFigure({
      sets: [
        {
          name: 'P',
          colour: colours.prompt,
          norms: [0, 1, 100, 100],
        },
      ],
      source,
    });
    const [numbers] = figure.numbers as {
      readonly edges: number[];
      readonly shares: number[];
      zeros: number;
    }[];
    expect(numbers?.zeros).toBe(1);
    expect(numbers?.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.75, 12);
    expect([numbers?.shares[0], numbers?.shares.at(-1)]).toEqual([0.25, 0.5]);
    expect(numbers?.edges[0]).toBeLessThanOrEqual(1);
    expect(numbers?.edges.at(-1)).toBeGreaterThan(100);
    expect(textsOf(figure)).toContain('4 vectors, 1 of length 0');
  });

  it('stands without a vector of any length', () => {
    const figure = normHistogramFigure({ sets: [{ name: 'P', colour: colours.prompt, norms: [0] }], source });
    expect(textsOf(figure)).toContain('1 vectors, 1 of length 0');
  });
});

describe('projectionFigure', () => {
  const figure = projectionFigure({
    maps: [
      { kind: 'umap', map: siteMap(null, true) },
      { kind: 'pca', map: siteMap(1, true) },
    ],
    source,
  });

  it('draws all sets in both maps, with arrows from P to s ⊙ P', () => {
    const traces = tracesOf(figure);
    expect(traces).toHaveLength(10);
    const arrows = traces.filter(({ marker }) => marker.symbol === 'arrow');
    expect(arrows.map(({ x, y }) => [x, y])).toEqual([
      [
        [4, 2, null],
        [2, 1, null],
      ],
      [
        [40, 20, null],
        [0, 0, null],
      ],
    ]);
  });

  it('tells token, scale and nearest tokens of a prompt vector', () => {
    const texts = tracesOf(figure)
      .filter(({ mode }) => mode === 'markers')
      .flatMap(({ text }) => text);
    expect(texts).toContain(
      's ⊙ P of SPT, token 1<br>scale 0.500<br>nearest by cosine: ' +
        '“&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;” 0.50 · “b” 0.25<br>norm 1.50',
    );
  });

  it('says under each map how far it can be trusted, and under all what may be read', () => {
    const texts = textsOf(figure);
    expect(texts).toContain('UMAP, embedding');
    expect(texts).toContain(
      'trustworthiness 0.90, continuity 0.95<br>neighbours kept 0.40, seeds agree 0.88',
    );
    expect(texts).toContain('PCA, layer 2');
    expect(texts).toContain('trustworthiness 0.70, continuity 0.95<br>neighbours kept 0.40, variance 0.75');
    expect(figure.note).toMatch(/What may be read: .*What may not: .*PCA keeps.*An arrow/);
  });

  it('has equal units in both directions', () => {
    const { xaxis, yaxis } = figure.layout as Record<
      string,
      { range: [number, number]; domain: [number, number] }
    >;
    const perPixel = (axis: typeof xaxis, pixels: number): number =>
      ((axis?.range[1] ?? 0) - (axis?.range[0] ?? 0)) / pixels;
    const width = ((xaxis?.domain[1] ?? 0) - (xaxis?.domain[0] ?? 0)) * 684;
    expect(perPixel(xaxis, width)).toBeCloseTo(perPixel(yaxis, Math.round(width * 0.92)), 2);
  });

  it('calls the prompt of a run without a scale PT’s, and draws no arrow', () => {
    const plain = projectionFigure({ maps: [{ kind: 'umap', map: siteMap(null, false) }], source });
    expect(textsOf(plain)).toContain('P of PT');
    expect(tracesOf(plain).some(({ marker }) => marker.symbol === 'arrow')).toBe(false);
    expect(plain.note).not.toContain('arrow');
  });
});
