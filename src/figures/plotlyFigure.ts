import { escapeHtml } from './escapeHtml';
import { captionText, type Figure } from './figure';
import { baseLayout, label, sizes } from './theme';

/** What Plotly draws. */
export type PlotlyFigure = {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
};

/** Pixels around the plot: left and right, above it the title and the panels' headings, below it the axis' numbers. */
export const margin = { l: 52, r: 24, t: 84, axis: 40 } as const;
/** Pixels of one line of small text, and between the figure's edge and its text. */
const lineHeight = 16;
const edge = 20;

/** Breaks a text into lines of at most `width` characters, at spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The note in lines that fit, and the source of the numbers below it. */
function linesBelow({ note, source, width }: Pick<Figure, 'note' | 'source' | 'width'>): string[] {
  // An average character of the small size is about half as wide as it is high.
  return [...wrap(note, Math.floor((width - 2 * edge) / (sizes.small * 0.5))), captionText(source)];
}

/** The height of a figure whose plot is that many pixels high. */
export function heightAround(plot: number, texts: Pick<Figure, 'note' | 'source' | 'width'>): number {
  return margin.t + plot + margin.axis + lineHeight * linesBelow(texts).length + edge;
}

/** A figure with its title above, and its note and the source of its numbers below: what every form of it shows. */
export function plotlyFigure(figure: Figure): PlotlyFigure {
  const { layout, title, width, height } = figure;
  const lines = linesBelow(figure);
  const below = label(
    lines.map(escapeHtml).join('<br>'),
    { x: 0, xanchor: 'left', xshift: edge - margin.l, y: 0, yanchor: 'top', yshift: -margin.axis },
    sizes.small,
  );
  const others = (layout['annotations'] ?? []) as readonly unknown[];
  return {
    data: figure.traces,
    layout: {
      ...baseLayout,
      margin: { l: margin.l, r: margin.r, t: margin.t, b: margin.axis + lineHeight * lines.length + edge },
      // Upright at the right edge, where no text is.
      modebar: { orientation: 'v' },
      ...layout,
      width,
      height,
      title: {
        text: `<b>${escapeHtml(title)}</b>`,
        font: { size: sizes.title },
        x: 0,
        xref: 'container',
        xanchor: 'left',
        y: 1,
        yref: 'container',
        yanchor: 'top',
        pad: { l: edge, t: 16 },
      },
      annotations: [...others, below],
    },
  };
}
