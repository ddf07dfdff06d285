import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findProgram, runProgram } from '../../src/setup/command.mjs';
import { findPython } from '../../src/setup/findPython.mjs';
import { installHint } from '../../src/setup/installHint.mjs';
import { explainFailure } from '../../src/setup/problem.mjs';

let bin: string;

beforeEach(() => {
  bin = mkdtempSync(path.join(tmpdir(), 'spt-bin-'));
});
afterEach(() => {
  rmSync(bin, { recursive: true });
});

/** Puts a shell script of this name on a PATH that holds nothing else. */
function program(name: string, body: string): void {
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

/** A Python of this version, with or without the venv module. */
function python(name: string, version: string, venv: boolean): void {
  program(name, `case "$2" in *version_info*) echo ${version};; *) exit ${venv ? 0 : 1};; esac`);
}

describe('Python', () => {
  test('none on PATH', async () => {
    program('apt-get', '');
    await expect(findPython({ PATH: bin })).rejects.toThrow(
      /^PATH has no Python 3\.9 or newer; to mend: .*apt-get install python3 python3-venv, then npm run setup$/,
    );
  });

  test('too old, and says which', async () => {
    python('python3', '3 8', true);
    await expect(findPython({ PATH: bin })).rejects.toThrow(`(${bin}/python3 is 3.8)`);
  });

  test('too old beside one that will do', async () => {
    python('python3', '3 8', true);
    python('python3.12', '3 12', true);
    expect(await findPython({ PATH: bin })).toBe(`${bin}/python3.12`);
  });

  test('without the venv module, as Debian ships it', async () => {
    python('python3', '3 11', false);
    program('apt-get', '');
    await expect(findPython({ PATH: bin })).rejects.toThrow(
      /python3 lacks the venv module; to mend: .*apt-get install python3-venv, then npm run setup$/,
    );
  });

  test('the one that SPT_PYTHON names, and no other', async () => {
    python('python3', '3 11', true);
    python('mine', '3 10', true);
    expect(await findPython({ PATH: bin, SPT_PYTHON: `${bin}/mine` })).toBe(`${bin}/mine`);
    await expect(findPython({ PATH: bin, SPT_PYTHON: `${bin}/none` })).rejects.toThrow(
      `SPT_PYTHON=${bin}/none is no Python 3.9 or newer`,
    );
  });
});

test('the hint names the package manager that is there', () => {
  program('dnf', '');
  expect(installHint('compiler', { PATH: bin })).toMatch(/dnf install gcc-c\+\+$/);
  program('apt-get', '');
  expect(installHint('compiler', { PATH: bin })).toMatch(/apt-get install g\+\+$/);
});

test('a program is a file that may be executed', () => {
  writeFileSync(path.join(bin, 'text'), '');
  mkdirSync(path.join(bin, 'folder'));
  program('tool', '');
  expect(['text', 'folder', 'tool'].map((name) => findProgram(name, { PATH: bin }))).toEqual([
    null,
    null,
    `${bin}/tool`,
  ]);
});

test('a program that is not there has failed, and its output reaches the log', async () => {
  expect((await runProgram(`${bin}/none`, [])).status).toBe(127);
  program('loud', 'echo out; echo err >&2; exit 3');
  const outcome = await runProgram(`${bin}/loud`, [], { log: `${bin}/logs/loud.log` });
  expect(outcome.status).toBe(3);
  expect(outcome.output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

describe('one line for what npm and pip print', () => {
  const line = (output: string): string => explainFailure('installing', output, 'x.log').message;

  test.each([
    ["npm error   code: 'ECONNREFUSED',\nnpm error A complete log of this run can be found in: /x.log"],
    ['npm error code EAI_AGAIN\nnpm error request to the registry failed'],
    [
      "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'\n" +
        'ERROR: No matching distribution found for jupyterlab==4.6.6',
    ],
  ])('the network: %s', (output) => {
    expect(line(output)).toMatch(/^the network did not answer while installing; to mend: .*npm run setup$/);
  });

  test.each([
    ['npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write'],
    ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'],
  ])('the disk: %s', (output) => {
    expect(line(output)).toMatch(/^the disk is full while installing; to mend: free some space/);
  });

  test('permissions, with the file', () => {
    expect(line("error: EACCES: permission denied, mkdir '/kit/node_modules'")).toContain(
      "mkdir '/kit/node_modules'",
    );
  });

  test('anything else: the last error, and where the rest is', () => {
    const message = line('ok\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\nbye');
    expect(message).toBe(
      'installing failed: ERROR: THESE PACKAGES DO NOT MATCH THE HASHES; to mend: see x.log, then npm run setup',
    );
  });
});
