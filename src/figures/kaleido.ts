import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError, SptError } from '../errors';
import type { PlotlyFigure } from './plotlyFigure';

export type ImageFormat = 'svg' | 'png';

/** Pixels of a PNG for one of the figure. */
const pngScale = 2;
/** Milliseconds that a start of kaleido may take; a picture takes it about one second. */
const patienceMs = 60_000;
/** kaleido 0.2.1 hangs now and then, whatever it draws, unmended at its makers' (plotly/Kaleido, issue 42). */
const starts = 2;

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

/** What one start of kaleido said to requests of one JSON line each, and whether it was ended because it hung. */
type Said = { readonly lines: readonly string[]; readonly noise: string; readonly hung: boolean };

async function start(requests: readonly string[], patience: number): Promise<Said> {
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
      timeout: patience,
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
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  return {
    lines: text(out)
      .split('\n')
      .filter((line) => line !== ''),
    noise: text(noise),
    hung: kaleido.killed,
  };
}

/** kaleido's answers to requests. Its start-up line comes first and is left out. */
async function ask(requests: readonly string[], patience: number): Promise<Answer[]> {
  for (let left = starts; left > 0; left--) {
    const { lines, noise, hung } = await start(requests, patience);
    if (lines.length === requests.length + 1) return lines.slice(1).map((line) => JSON.parse(line) as Answer);
    if (hung) continue;
    const last = noise.trim().split('\n').at(-1) ?? '';
    throw new SptError(
      `kaleido drew ${Math.max(0, lines.length - 1)} of ${requests.length} pictures: ${last}`,
    );
  }
  throw new SptError(`kaleido hung: ${starts} starts of ${patience / 1000} s each drew no figure`);
}

/**
 * Draws a figure in each format. A start of kaleido that takes longer than `patience` (milliseconds) is ended and tried once
 * more. Throws ConfigError where kaleido is missing, SptError where it fails.
 */
export async function drawImages(
  { data, layout }: PlotlyFigure,
  formats: readonly ImageFormat[],
  patience = patienceMs,
): Promise<Buffer[]> {
  const { width, height } = layout;
  const requests = formats.map((format) =>
    JSON.stringify({ format, width, height, scale: format === 'png' ? pngScale : 1, data: { data, layout } }),
  );
  const answers = await ask(requests, patience);
  return answers.map(({ code, message, result }, i) => {
    if (code !== 0 || result === null)
      throw new SptError(`kaleido could not draw the figure: ${message ?? code}`);
    return formats[i] === 'png' ? Buffer.from(result, 'base64') : Buffer.from(result, 'utf8');
  });
}
