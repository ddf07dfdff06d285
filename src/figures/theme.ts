/** Okabe and Ito's colours, told apart by every common kind of colour vision; one meaning each in all figures. */
export const colours = {
  frozen: '#7A7A7A',
  promptTuning: '#0072B2',
  scaledPromptTuning: '#D55E00',
  fineTuning: '#009E73',
  inputs: '#7A7A7A',
  prompt: '#E69F00',
  untrained: '#CC79A7',
  vocabulary: '#56B4E9',
  floor: '#222222',
  other: '#56B4E9',
} as const;

/** Lato comes with kaleido, so pictures are the same everywhere; a reader's own sans-serif stands in elsewhere. */
const fontFamily = 'Lato, Helvetica Neue, Arial, sans-serif';
const ink = '#222222';
const quiet = '#5F5F5F';

/** A colour mixed with white, which hides the grid behind it: `#0072B2`, 0.25 -> `rgb(191, 220, 236)`. */
export function tint(colour: string, share: number): string {
  const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${channels.map((channel) => Math.round(255 - share * (255 - channel))).join(', ')})`;
}

/** Text sizes at a figure's own width; figures are drawn 760 wide, so all stay legible at 700. */
export const sizes = { title: 17, label: 14, small: 12 } as const;

/** Ticks that can't be seen hold an axis' text away from it. */
const gap = { ticks: 'outside', ticklen: 6, tickcolor: 'rgba(0, 0, 0, 0)' } as const;

/** What all axes share: no frame, no ticks, a light grid across the values only. */
export function valueAxis(): Readonly<Record<string, unknown>> {
  return {
    gridcolor: '#E6E6E6',
    zeroline: true,
    zerolinecolor: '#BDBDBD',
    zerolinewidth: 1,
    showline: false,
    ...gap,
    tickfont: { size: sizes.small, color: quiet },
  };
}

/** An axis of names: no grid. */
export function nameAxis(
  positions: readonly number[],
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    tickvals: positions,
    ticktext: names,
    showgrid: false,
    zeroline: false,
    showline: false,
    ...gap,
    tickfont: { size: sizes.label, color: ink },
  };
}

/** A line of text at a place of the paper, from 0 to 1. */
export function label(
  text: string,
  place: Readonly<Record<string, unknown>>,
  size: number = sizes.label,
): Readonly<Record<string, unknown>> {
  return {
    text,
    showarrow: false,
    xref: 'paper',
    yref: 'paper',
    align: 'left',
    font: { size, color: size === sizes.small ? quiet : ink },
    ...place,
  };
}

/** What a panel shows, above its left end; `x` is where the panel begins, `shift` how far its names stand out. */
export function heading(text: string, x: number, shift = 0): Readonly<Record<string, unknown>> {
  return label(text, { x, xanchor: 'left', xshift: shift, y: 1, yanchor: 'bottom', yshift: 12 });
}

/** What all layouts share. */
export const baseLayout: Readonly<Record<string, unknown>> = {
  font: { family: fontFamily, size: sizes.label, color: ink },
  paper_bgcolor: '#FFFFFF',
  plot_bgcolor: '#FFFFFF',
  showlegend: false,
  hoverlabel: { font: { family: fontFamily, size: sizes.small } },
};
