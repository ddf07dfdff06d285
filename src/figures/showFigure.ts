import { display } from './display';
import { captionText, type Figure } from './figure';
import { drawImages, hasKaleido } from './kaleido';
import { plotlyFigure } from './plotlyFigure';

/**
 * Shows a figure under a cell: interactive in JupyterLab, and as a picture where a notebook is only read. Where kaleido is
 * missing there is no picture; outside of Jupyter, title and caption on stdout.
 */
export async function showFigure(figure: Figure): Promise<void> {
  const { width, height } = figure;
  const drawn = plotlyFigure(figure);
  const [png] = hasKaleido() ? await drawImages(drawn, ['png']) : [];
  display({
    'text/plain': `${figure.title} (${captionText(figure.source)})`,
    ...(png === undefined ? {} : { 'image/png': { base64: png.toString('base64'), width, height } }),
    'application/vnd.plotly.v1+json': { ...drawn, config: { displaylogo: false } },
  });
}
