import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, SptError } from '../../src/errors';
import { drawImages } from '../../src/figures/kaleido';
import { plotlyFigure } from '../../src/figures/plotlyFigure';
import { writeFigure } from '../../src/figures/writeFigure';
import { exampleFigure } from './exampleFigure';
import { kaleidoHere } from './kaleidoHere';

// A space in the path: kaleido's own start script fails there.
const folder = mkdtempSync(join(tmpdir(), 'spt figures '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

describe.skipIf(!kaleidoHere())('writeFigure', () => {
  it('writes picture, page and numbers, and one bundle for all pages', async () => {
    const out = join(folder, 'quick');
    const files = await writeFigure(exampleFigure(), out, 'first');
    const bundle = join(out, 'plotly.min.js');
    utimesSync(bundle, 1, 1);
    await writeFigure(exampleFigure(), out, 'second');
    expect(readdirSync(out).sort()).toEqual([
      ...['html', 'json', 'png', 'svg'].map((format) => `first.${format}`),
      'plotly.min.js',
      ...['html', 'json', 'png', 'svg'].map((format) => `second.${format}`),
    ]);
    expect(statSync(bundle).mtimeMs).toBe(1000);

    const svg = readFileSync(files.svg, 'utf8');
    expect(svg).toMatch(/^<svg[^>]* width="760" height="\d+"/);
    expect(svg).toContain('seeds 1, 2');
    expect(svg).not.toContain('<img');
    const png = readFileSync(files.png);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(1520);
    expect(readFileSync(files.html, 'utf8')).toContain('<script src="plotly.min.js" defer></script>');
    const json = JSON.parse(readFileSync(files.json, 'utf8')) as Record<string, unknown>;
    expect(json['source']).toMatchObject({ preset: 'mini', seeds: [1, 2] });
    expect(json['numbers']).toMatchObject({ methods: [{ mean: 7 }, { mean: 41 }] });
  });
});

describe('writeFigure where kaleido fails', () => {
  /** A stand-in for kaleido that reads its requests and says these lines. */
  function standIn(name: string, lines: readonly string[]): string {
    const program = join(folder, name, 'bin', 'kaleido');
    mkdirSync(dirname(program), { recursive: true });
    const said = lines.map((line) => `echo '${line}'`).join('\n');
    writeFileSync(program, `#!/bin/sh\ncat > /dev/null\n${said}\necho 'no display' >&2\n`, { mode: 0o755 });
    return join(folder, name);
  }

  it.each([
    [
      'refuses',
      ['{"code":0}', '{"code":525,"message":"bad figure","result":null}', '{"code":0,"result":"x"}'],
      /^kaleido could not draw the figure: bad figure$/,
    ],
    ['dies', ['{"code":0}'], /^kaleido drew 0 of 2 pictures: no display$/],
  ])('writes nothing when it %s, and says why', async (name, lines, message) => {
    vi.stubEnv('SPT_KALEIDO', standIn(name, lines));
    const out = join(folder, `${name} out`);
    const attempt = writeFigure(exampleFigure(), out, 'broken');
    await expect(attempt).rejects.toThrow(SptError);
    await expect(attempt).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a kaleido that hangs', () => {
  /** A stand-in that hangs in its first starts, so many, and then draws. */
  function hangs(times: number): string {
    const home = join(folder, `hangs ${times}`);
    const program = join(home, 'bin', 'kaleido');
    mkdirSync(dirname(program), { recursive: true });
    const lines = [
      '#!/bin/sh',
      'echo start >> "$SPT_KALEIDO/starts"',
      'cat > /dev/null',
      `if [ $(wc -l < "$SPT_KALEIDO/starts") -le ${times} ]; then exec sleep 60; fi`,
      `echo '{"code":0}'`,
      `echo '{"code":0,"result":"drawn"}'`,
    ];
    writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
    vi.stubEnv('SPT_KALEIDO', home);
    return join(home, 'starts');
  }
  const figure = plotlyFigure(exampleFigure());
  const patience = 1000;

  it('is started once more', async () => {
    const starts = hangs(1);
    expect((await drawImages(figure, ['svg'], patience)).map(String)).toEqual(['drawn']);
    expect(readFileSync(starts, 'utf8')).toBe('start\nstart\n');
  });

  it('is given up after that, with what happened', async () => {
    const starts = hangs(9);
    await expect(drawImages(figure, ['svg'], patience)).rejects.toThrow(
      /^kaleido hung: 2 starts of 1 s each drew no figure$/,
    );
    expect(readFileSync(starts, 'utf8')).toBe('start\nstart\n');
  });
});

describe('writeFigure without kaleido', () => {
  it('says what is missing and writes nothing', async () => {
    vi.stubEnv('SPT_KALEIDO', join(folder, 'nowhere'));
    const out = join(folder, 'none');
    const attempt = writeFigure(exampleFigure(), out, 'none');
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(/SPT_KALEIDO: must name the folder "executable"/);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a name that leads elsewhere', async () => {
    await expect(writeFigure(exampleFigure(), folder, '../up')).rejects.toThrow("found '../up'");
  });
});
