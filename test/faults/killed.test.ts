import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { random } from '../../src/tensor/random';
import { temporaryFolder } from '../support/temporaryFolder';

const support = join(__dirname, '../support/typescript.cjs');
const child = join(__dirname, 'trainChild.ts');

/** Runs the training until its end, or until `killAt` says so of the lines it printed; resolves to its exit code. */
async function run(
  method: string,
  out: string,
  killAt?: (line: string) => boolean,
  delay = 0,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  const process = spawn('node', ['--require', support, child, method, out], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...globalThis.process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const lines: string[] = [];
  let killed = false;
  process.stdout.setEncoding('utf8').on('data', (text: string) => {
    const added = text.split('\n').filter((line) => line !== '');
    lines.push(...added);
    if (killed || killAt === undefined || !added.some(killAt)) return;
    killed = true;
    void setTimeout(delay).then(() => process.kill('SIGKILL'));
  });
  const code = await new Promise<number | null>((resolve) => process.on('close', resolve));
  return { code, lines };
}

const seeds = [11, 12, 13];
const stepOf = (line: string | undefined): number => Number(line?.split(' ')[1]);

describe.each([
  ['scaled-prompt-tuning', 4],
  ['fine-tuning', 2],
])('kill -9 while training (%s, %i times)', (method, kills) => {
  it('resumes, and ends with the same bytes as an uninterrupted run', { timeout: 600_000 }, async () => {
    const [whole, broken] = [join(temporaryFolder(), 'run'), join(temporaryFolder(), 'run')];
    expect((await run(method, whole)).code).toBe(0);

    const rng = random(method);
    let steps = 0;
    for (let kill = 0; kill < kills; kill++) {
      const wanted = 2 + rng.integer(8);
      const atCheckpoint = kill === 1;
      let seen = 0;
      const { code, lines } = await run(
        method,
        broken,
        (line) => {
          if (!line.startsWith('step ')) return false;
          seen += 1;
          return seen >= wanted && (!atCheckpoint || stepOf(line) % 3 === 0);
        },
        rng.integer(8),
      );
      expect(code).toBeNull();
      steps += lines.filter((line) => line.startsWith('step ')).length;
    }
    const last = await run(method, broken);
    expect(last.code).toBe(0);
    expect(last.lines[0]).toMatch(/^start/);
    expect(steps).toBeGreaterThan(2 * kills);

    for (const seed of seeds) {
      for (const file of ['adapter.safetensors', 'metrics.jsonl']) {
        const [a, b] = [whole, broken].map((out) => readFileSync(join(out, `seed-${seed}`, file)));
        expect(a?.equals(b as Buffer), `seed ${seed}: ${file}`).toBe(true);
      }
    }
    const left = readdirSync(broken, { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.partial') || name.includes('.lock'))).toEqual([]);

    const again = await run(method, broken);
    expect(again.code).toBe(0);
    expect(again.lines).toEqual([]);
    expect(existsSync(join(broken, '.lock'))).toBe(false);
  });
});
