import { describe, expect, it } from 'vitest';
import { boxStatistics } from '../../src/figures/boxStatistics';
import { captionText } from '../../src/figures/figure';
import { figurePage } from '../../src/figures/figurePage';
import { plotlyFigure } from '../../src/figures/plotlyFigure';
import { tint } from '../../src/figures/theme';
import { exampleFigure } from './exampleFigure';

type Trace = {
  readonly type: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly error_y: { readonly array: readonly number[]; readonly arrayminus: readonly number[] };
  readonly median: readonly number[];
  readonly line: unknown;
};

describe('quickstartFigure', () => {
  const figure = exampleFigure();
  const traces = figure.traces as readonly Trace[];

  it('draws each run with its interval, and the mean of several', () => {
    const [frozen, line, runs] = traces as [Trace, Trace, Trace];
    expect(frozen.y).toEqual([7]);
    expect([frozen.error_y.arrayminus, frozen.error_y.array]).toEqual([[1], [2]]);
    expect(line.y).toEqual([41, 41]);
    expect(runs.y).toEqual([40, 42]);
    expect([runs.error_y.arrayminus, runs.error_y.array]).toEqual([
      [3, 0],
      [4, 0],
    ]);
    expect((runs.x[0] as number) + (runs.x[1] as number)).toBeCloseTo(2, 12);
  });

  it('shows the norms of all runs together, the prompt before its scale, the inputs last', () => {
    const boxes = traces.filter((trace) => trace.type === 'box');
    expect(boxes.map((box) => box.median[0])).toEqual([10, 6, 1]);
    expect(boxes.map((box) => box.y[0])).toEqual([2, 1, 0]);
    expect(new Set(boxes.map((box) => JSON.stringify(box.line))).size).toBe(3);
  });

  it('keeps the numbers behind it', () => {
    expect(figure.numbers).toMatchObject({
      metric: 'BLEU',
      methods: [
        { method: 'frozen', mean: 7 },
        { mean: 41, runs: [{ seed: 1, score: 40 }, { seed: 2 }] },
      ],
      norms: [{ median: 10, mean: 10, n: 2 }, { median: 6 }, { name: 'input tokens', median: 1 }],
      gaps: [
        { seed: 1, normRatio: 5, cosineOfCentroids: 0.6 },
        { normRatio: 10 },
        { seed: 2 },
        { normRatio: 2 },
      ],
    });
  });

  it('lets no text of the data become markup, in the figure or on its page', () => {
    const drawn = JSON.stringify(plotlyFigure(figure));
    expect(drawn).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;');
    expect(drawn).not.toContain('<img');
    const page = figurePage(figure, 'quick');
    expect(page).not.toContain('<img src=x');
    expect(page.match(/<\/script>/g)).toHaveLength(3);
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

describe('captionText', () => {
  it.each([
    [[1, 2, 3], 'mini preset · 60 items · seeds 1 to 3'],
    [[1, 2], 'mini preset · 60 items · seeds 1, 2'],
    [[1, 3, 4], 'mini preset · 60 items · seeds 1, 3, 4'],
    [[5], 'mini preset · 60 items · seed 5'],
  ])('names preset, n and seeds %j', (seeds, text) => {
    expect(captionText({ preset: 'mini', n: '60 items', seeds })).toBe(text);
  });

  it('stands in every drawn figure, with the note', () => {
    const { layout } = plotlyFigure({ ...exampleFigure(), source: { preset: 'mini', n: '60', seeds: [4] } });
    const { text } = (layout['annotations'] as { text: string }[]).at(-1) as { text: string };
    expect(text).toMatch(/^Left: a point is one run.*<br>.*<br>mini preset · 60 · seed 4$/);
  });
});

describe('boxStatistics', () => {
  it("equals numpy's percentiles", () => {
    const { p5, p25, median, p75, p95, mean, n } = boxStatistics([7, 1, 3, 10, 4, 4]);
    // numpy.percentile([7, 1, 3, 10, 4, 4], [5, 25, 50, 75, 95])
    const wanted = [1.5, 3.25, 4, 6.25, 9.25];
    [p5, p25, median, p75, p95].forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 12));
    expect([mean, n]).toEqual([29 / 6, 6]);
  });
});

describe('tint', () => {
  it('mixes with white', () => {
    expect(tint('#0072B2', 0.25)).toBe('rgb(191, 220, 236)');
    expect(tint('#0072B2', 1)).toBe('rgb(0, 114, 178)');
  });
});
