import { escapeHtml } from './escapeHtml';
import { margin } from './plotlyFigure';
import { label, sizes } from './theme';

/** What a colour means. */
export type LegendEntry = { readonly name: string; readonly colour: string; readonly mark?: '●' | '▬' | '┅' };

/** Where entries stand: this many pixels above the plot, below the title. */
const lift = 34;

/**
 * The colours' meanings in one line between title and panels, drawn as text: Plotly's own legend takes room from the
 * plot, and cuts long names.
 */
export function legendLine(entries: readonly LegendEntry[]): Readonly<Record<string, unknown>> {
  const text = entries
    .map(({ name, colour, mark = '●' }) => `<span style="color:${colour}">${mark}</span> ${escapeHtml(name)}`)
    .join('    ');
  return {
    ...label(
      text,
      { x: 0, xanchor: 'left', xshift: 20 - margin.l, y: 1, yanchor: 'bottom', yshift: lift },
      sizes.small,
    ),
    font: { size: sizes.small, color: '#222222' },
  };
}
