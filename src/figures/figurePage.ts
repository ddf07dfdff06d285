import { escapeHtml } from './escapeHtml';
import { captionText, type Figure } from './figure';
import { plotlyFigure } from './plotlyFigure';

/** JSON that can stand inside a script element: no text from data can close it. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * A figure as a page of its own: interactive, offline, drawn by the `plotly.min.js` beside it; without scripts it shows
 * the SVG beside it.
 */
export function figurePage(figure: Figure, name: string): string {
  const { data, layout } = plotlyFigure(figure);
  const alternative = escapeHtml(`${figure.title}. ${figure.note} ${captionText(figure.source)}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(figure.title)}</title>
<script src="plotly.min.js" defer></script>
</head>
<body>
<div id="figure" role="img" aria-label="${alternative}"></div>
<noscript><img src="${name}.svg" alt="${alternative}"></noscript>
<script type="application/json" id="plotly">${scriptJson({ data, layout })}</script>
<script>
addEventListener('DOMContentLoaded', () => {
  const { data, layout } = JSON.parse(document.getElementById('plotly').textContent);
  Plotly.newPlot('figure', data, layout, { displaylogo: false });
});
</script>
</body>
</html>
`;
}
