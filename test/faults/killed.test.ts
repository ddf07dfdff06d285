import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { random } from '../../src/tensor/random';
import { temporaryFolder } from '../support/temporaryFolder';
import { type Ended, runChild } from './runChild';

const run = (
  method: string,
  out: string,
  killAt?: (line: string) => boolean,
  delay?: number,
): Promise<Ended> => runChild('trainChild.ts', [method, out], killAt, delay);

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
