import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sourceState } from '../../src/setup/build.mjs';
import { libtensorflow } from '../../src/setup/libtensorflow.mjs';
import { lock } from '../../src/setup/lock.mjs';
import { packagesMatchLock } from '../../src/setup/npmPackages.mjs';
import { isDone, runSteps, type Step } from '../../src/setup/runSteps.mjs';
import { fallbackReason, reconsiderFallback } from '../../src/setup/tensorflow.mjs';

let folder: string;
let said: string[];
let runs: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'spt-steps-'));
  said = [];
  runs = 0;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const options = () => ({
  stamps: path.join(folder, 'stamps'),
  say: (line: string) => void said.push(line),
  quiet: true,
});

/** A step that writes one file. */
function step(changes: Partial<Step> = {}): Step {
  const output = path.join(folder, 'output');
  return {
    name: 'probe',
    does: () => 'probe',
    inputs: () => ['a'],
    outputs: () => [output],
    run: () => {
      runs += 1;
      writeFileSync(output, 'x');
      return Promise.resolve();
    },
    ...changes,
  };
}

describe('a step', () => {
  test('runs once, says what it does and how long it took, then is silent', async () => {
    await runSteps([step()], options());
    expect(said[0]).toBe('probe …');
    expect(said[1]).toMatch(/^probe: done in \d+\.\d s$/);
    await runSteps([step()], options());
    expect([runs, said.length]).toEqual([1, 2]);
    await runSteps([step()], { ...options(), quiet: false });
    expect(said.at(-1)).toBe('probe: already there');
  });

  test('runs again when an input changes or an output is gone', async () => {
    await runSteps([step()], options());
    await runSteps([step({ inputs: () => ['b'] })], options());
    expect(runs).toBe(2);
    rmSync(path.join(folder, 'output'));
    await runSteps([step({ inputs: () => ['b'] })], options());
    expect(runs).toBe(3);
  });

  test('that fails leaves no stamp, not even the one it had', async () => {
    await runSteps([step()], options());
    const failing = step({ inputs: () => ['b'], run: () => Promise.reject(new Error('no')) });
    await expect(runSteps([failing], options())).rejects.toThrow('no');
    expect(isDone(step(), options().stamps)).toBe(false);
  });

  test('whose work is there already is taken over', async () => {
    writeFileSync(path.join(folder, 'output'), 'by hand');
    await runSteps([step({ isThere: () => true })], options());
    expect(runs).toBe(0);
    expect(isDone(step(), options().stamps)).toBe(true);
  });

  test('that leaves out an output is a mistake of ours', async () => {
    await expect(runSteps([step({ run: () => Promise.resolve() })], options())).rejects.toThrow(
      /output is not there/,
    );
  });

  test('that needs more disk than is free does not start', async () => {
    await expect(runSteps([step({ megabytes: 1e9 })], options())).rejects.toThrow(
      /^probe needs 1000000000 MB of disk .* MB are free; to mend: free some space/,
    );
    expect(runs).toBe(0);
  });
});

describe('the lock', () => {
  test('of a dead process is taken over', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('close', resolve));
    const file = path.join(folder, 'lock');
    writeFileSync(file, String(child.pid));
    const unlock = await lock(file, (line) => said.push(line));
    expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
    unlock();
    expect([existsSync(file), said]).toEqual([false, []]);
  });

  test('of a living one is waited for', async () => {
    const file = path.join(folder, 'lock');
    const first = await lock(file, () => undefined);
    const second = lock(file, (line) => said.push(line));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(said[0]).toMatch(/^waiting for another set-up/);
    first();
    (await second)();
  });
});

test('node_modules is taken over only where it matches the lock file', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  const write = (file: string, packages: object): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), JSON.stringify({ packages }));
  };
  write('package-lock.json', locked);
  expect(packagesMatchLock(folder)).toBe(false);
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
  expect(packagesMatchLock(folder)).toBe(true);
  write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.1' } });
  expect(packagesMatchLock(folder)).toBe(false);
});

test('a touched, added or removed source is noticed', () => {
  mkdirSync(path.join(folder, 'src', 'room'), { recursive: true });
  for (const name of ['package-lock.json', 'tsconfig.json', 'src/index.ts', 'src/room/a.ts']) {
    writeFileSync(path.join(folder, name), 'x');
  }
  const before = sourceState(folder);
  expect(before).toHaveLength(4);
  utimesSync(path.join(folder, 'src/room/a.ts'), 1, 1);
  expect(sourceState(folder)).not.toEqual(before);
  rmSync(path.join(folder, 'src/room/a.ts'));
  expect(sourceState(folder)).toHaveLength(3);
});

test('without a compiler tensors are computed by wasm, and the mark says why', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = folder;
  try {
    await runSteps([libtensorflow(folder)], options());
    expect(fallbackReason(folder)).toMatch(/^no C\+\+ compiler .*; to mend: .*npm run setup$/);
    expect(JSON.parse(readFileSync(path.join(folder, '.setup', 'backend.json'), 'utf8'))).toMatchObject({
      backend: 'wasm',
    });
    reconsiderFallback(folder);
    expect(isDone(libtensorflow(folder), options().stamps)).toBe(true);
    writeFileSync(path.join(folder, 'c++'), '', { mode: 0o755 });
    reconsiderFallback(folder);
    expect(fallbackReason(folder)).toBeNull();
    expect(isDone(libtensorflow(folder), options().stamps)).toBe(false);
  } finally {
    process.env['PATH'] = PATH;
  }
});
