import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, SptError } from '../errors';
import type { PlotlyFigure } from './plotlyFigure';

export type ImageFormat = 'svg' | 'png';

/** Pixels of a PNG for one of the figure. */
const pngScale = 2;
const patienceMs = 120_000;

/** The bundle that draws: pictures, pages and notebooks all show the same version. */
export function plotlyBundle(): string {
  return require.resolve('plotly.js/dist/plotly.min.js');
}

/** kaleido's folder: SPT_KALEIDO (it, or its program), else the one that set-up put into the project's venv. */
function kaleidoFolder(): string {
  const given = process.env['SPT_KALEIDO'];
  if (given !== undefined && given !== '') {
    const folder =
      existsSync(given) && statSync(given).isDirectory() ? resolve(given) : dirname(resolve(given));
    if (existsSync(join(folder, 'bin', 'kaleido'))) return folder;
    throw new ConfigError(
      `SPT_KALEIDO: must name the folder "executable" of PyPI's kaleido 0.2.1; found ${given}`,
    );
  }
  const lib = join(__dirname, '..', '..', '.venv', 'lib');
  const pythons = existsSync(lib) ? readdirSync(lib) : [];
  const folders = pythons.map((python) => join(lib, python, 'site-packages', 'kaleido', 'executable'));
  const found = folders.find((folder) => existsSync(join(folder, 'bin', 'kaleido')));
  if (found === undefined)
    throw new ConfigError('kaleido, which draws SVG and PNG, is missing; run "npm run setup"');
  return found;
}

/** Whether figures can be drawn here. */
export function hasKaleido(): boolean {
  try {
    kaleidoFolder();
    return true;
  } catch {
    return false;
  }
}

type Answer = { readonly code: number; readonly message: string | null; readonly result: string | null };

/** kaleido's answers to requests of one JSON line each. Its start-up line comes first and is left out. */
async function ask(requests: readonly string[]): Promise<Answer[]> {
  const folder = kaleidoFolder();
  // Its own start script breaks on spaces in paths, so the program is started as that script would.
  const kaleido = spawn(
    join(folder, 'bin', 'kaleido'),
    [
      'plotly',
      `--plotlyjs=${plotlyBundle()}`,
      '--disable-gpu',
      '--no-sandbox',
      '--allow-file-access-from-files',
      '--disable-breakpad',
      '--disable-dev-shm-usage',
    ],
    {
      cwd: folder,
      env: {
        ...process.env,
        LD_LIBRARY_PATH: join(folder, 'lib'),
        FONTCONFIG_PATH: join(folder, 'etc', 'fonts'),
        XDG_DATA_HOME: join(folder, 'xdg'),
      },
      timeout: patienceMs,
    },
  );
  const out: Buffer[] = [];
  const noise: Buffer[] = [];
  kaleido.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  kaleido.stderr.on('data', (chunk: Buffer) => noise.push(chunk));
  // A program that ends early closes its input; what it said tells more than that.
  kaleido.stdin.on('error', () => undefined);
  kaleido.stdin.end(requests.map((request) => `${request}\n`).join(''));
  await new Promise<void>((done, fail) => kaleido.on('error', fail).on('close', () => done()));
  const lines = Buffer.concat(out)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  if (lines.length === requests.length + 1) return lines.slice(1).map((line) => JSON.parse(line) as Answer);
  const last = Buffer.concat(noise).toString('utf8').trim().split('\n').at(-1) ?? '';
  throw new SptError(`kaleido drew ${Math.max(0, lines.length - 1)} of ${requests.length} pictures: ${last}`);
}

/** Draws a figure in each format. Throws ConfigError where kaleido is missing, SptError where it fails. */
export async function drawImages(
  { data, layout }: PlotlyFigure,
  formats: readonly ImageFormat[],
): Promise<Buffer[]> {
  const { width, height } = layout;
  const requests = formats.map((format) =>
    JSON.stringify({ format, width, height, scale: format === 'png' ? pngScale : 1, data: { data, layout } }),
  );
  const answers = await ask(requests);
  return answers.map(({ code, message, result }, i) => {
    if (code !== 0 || result === null)
      throw new SptError(`kaleido could not draw the figure: ${message ?? code}`);
    return formats[i] === 'png' ? Buffer.from(result, 'base64') : Buffer.from(result, 'utf8');
  });
}
