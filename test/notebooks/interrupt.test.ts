import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { notebooksFolder } from './notebookCells';

const root = join(notebooksFolder, '..');
const python = join(root, '.venv', 'bin', 'python');
const needed = [
  python,
  join(root, '.venv', 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json'),
  join(root, 'dist', 'index.js'),
  join(root, 'data', 'mini', 'model', 'model.safetensors'),
];
const missing = needed.find((file) => !existsSync(file));
if (missing !== undefined)
  process.stderr.write(`interrupt test: ${missing} is missing, SKIPPED; "npm run setup"\n`);

type Answer = {
  readonly status: string;
  readonly displays: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
};
type Answers = Readonly<Record<'prepared' | 'first' | 'next' | 'second', Answer>>;

const folder = mkdtempSync(join(tmpdir(), 'spt-interrupt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The steps of a run, by its stored metrics. */
function steps(run: string): number[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const metrics = lines.map((line) => JSON.parse(line) as { readonly step: number; readonly loss?: number });
  return metrics.filter(({ loss }) => loss !== undefined).map(({ step }) => step);
}

describe.skipIf(missing !== undefined)("Jupyter's interrupt", () => {
  it(
    'stops a training, keeps its runs and the kernel, and the cell goes on when it is run again',
    { timeout: 600_000 },
    async () => {
      const out = join(folder, 'runs');
      const script = join(__dirname, 'interrupt.py');
      const env = { ...process.env, JUPYTER_PREFER_ENV_PATH: '1', TF_CPP_MIN_LOG_LEVEL: '3' };
      const { stdout } = await promisify(execFile)(python, [script, notebooksFolder, out], {
        env,
        maxBuffer: 2 ** 26,
      });
      const { prepared, first, next, second } = JSON.parse(stdout) as Answers;
      expect(prepared).toMatchObject({ status: 'ok', stderr: '' });

      expect(first.status).toBe('error');
      expect(first.stderr).toContain('Interrupted');
      expect(first.displays[0]).toContain('SPT, 2 runs: step 0 of 5000, starts');

      expect(next).toMatchObject({ status: 'ok', stdout: 'alive 2\n' });
      const stopped = [...first.displays, ...next.displays].find((text) => text.includes('stopped after'));
      const at = Number(/step (\d+) of 5000, stopped/.exec(stopped ?? '')?.[1]);
      expect(at).toBeGreaterThanOrEqual(3);
      expect(at).toBeLessThan(5000);

      expect(second.displays.find((text) => text.includes('goes on'))).toContain(`step ${at} of 5000`);
      for (const seed of [1, 2]) {
        const done = steps(join(out, `seed-${seed}`));
        expect(done.length).toBeGreaterThan(at);
        expect(done).toEqual(done.map((_, i) => i + 1));
      }
    },
  );
});
