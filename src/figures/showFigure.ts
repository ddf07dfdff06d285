import { display } from './display';
import { captionText, type Figure } from './figure';
import { drawImages, hasKaleido } from './kaleido';
import { plotlyFigure } from './plotlyFigure';

/**
 * Shows a figure under a cell: interactive in JupyterLab, and as a picture where a notebook is only read. Where kaleido is
 * missing there is no picture; outside of Jupyter, title and caption on stdout.
 */
export async function showFigure(figure: Figure): Promise<void> {
  const drawn = plotlyFigure(figure);
  // Not a PNG: Plotly's renderer in JupyterLab would show that first, in its own pixels, and wait for a click.
  const [svg] = hasKaleido() ? await drawImages(drawn, ['svg']) : [];
  display({
    'text/plain': `${figure.title} (${captionText(figure.source)})`,
    ...(svg === undefined ? {} : { 'image/svg+xml': svg.toString('utf8') }),
    'application/vnd.plotly.v1+json': { ...drawn, config: { displaylogo: false } },
  });
}
