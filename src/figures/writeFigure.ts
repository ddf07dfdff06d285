import { mkdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError } from '../errors';
import { writeAtomically } from '../model/atomicFile';
import type { Figure } from './figure';
import { figurePage } from './figurePage';
import { drawImages, plotlyBundle } from './kaleido';
import { plotlyFigure } from './plotlyFigure';

/** Where a figure's forms lie. */
export type FigureFiles = {
  readonly svg: string;
  readonly png: string;
  readonly html: string;
  readonly json: string;
};

/** The one copy of Plotly that all pages of a folder share; too large for git, so written beside them. */
async function shareBundle(folder: string): Promise<void> {
  const bundle = await readFile(plotlyBundle());
  const file = join(folder, 'plotly.min.js');
  const there = await stat(file).catch(() => null);
  if (there?.size !== bundle.length) await writeAtomically(file, (handle) => handle.writeFile(bundle));
}

/**
 * Writes a figure as `name.svg`, `name.png`, `name.html` (interactive, opens offline) and `name.json` (the numbers behind
 * it), each whole or not at all; nothing is written if it cannot be drawn.
 * @throws ConfigError for a name that is none, or where kaleido is missing.
 */
export async function writeFigure(figure: Figure, folder: string, name: string): Promise<FigureFiles> {
  if (!/^[\w-]+$/.test(name))
    throw new ConfigError(`writeFigure: name must be of letters, digits, - and _; found '${name}'`);
  const [svg, png] = (await drawImages(plotlyFigure(figure), ['svg', 'png'])) as [Buffer, Buffer];
  const { title, note, source, numbers } = figure;
  const contents = {
    svg,
    png,
    html: figurePage(figure, name),
    json: `${JSON.stringify({ title, note, source, numbers }, null, 2)}\n`,
  };
  await mkdir(resolve(folder), { recursive: true });
  await shareBundle(folder);
  const files: [string, string][] = [];
  for (const [format, content] of Object.entries(contents)) {
    const file = join(folder, `${name}.${format}`);
    await writeAtomically(file, (handle) => handle.writeFile(content));
    files.push([format, file]);
  }
  return Object.fromEntries(files) as FigureFiles;
}
