import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/training/lock';
import { temporaryFolder } from '../support/temporaryFolder';

/** A number that no process has. */
const nobody = 2 ** 22 + 7;

describe('lockFolder', () => {
  it('lets one training in, and the next after it', () => {
    const folder = temporaryFolder();
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(
      `${folder}: process ${process.pid} on ${hostname()} is training here`,
    );
    unlock();
    expect(existsSync(join(folder, '.lock'))).toBe(false);
    lockFolder(folder)();
  });

  it('takes over what a killed process of this machine left', () => {
    const folder = temporaryFolder();
    const file = join(folder, '.lock');
    for (const owner of [
      { host: hostname(), pid: nobody, started: null },
      // A number that another process has by now.
      { host: hostname(), pid: process.ppid, started: '1' },
      { host: hostname(), pid: process.pid, started: '1' },
    ]) {
      writeFileSync(file, JSON.stringify(owner));
      const unlock = lockFolder(folder);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
      unlock();
    }
  });

  it('respects a living process, and one of another machine until it is silent', () => {
    const folder = temporaryFolder();
    const file = join(folder, '.lock');
    const first = lockFolder(folder);
    const mine = JSON.parse(readFileSync(file, 'utf8')) as { started: string | null };
    first();
    const elsewhere = { host: 'elsewhere', pid: nobody, started: mine.started };
    writeFileSync(file, JSON.stringify(elsewhere));
    expect(() => lockFolder(folder)).toThrow(`${folder}: process ${nobody} on elsewhere is training here`);
    utimesSync(file, new Date(), new Date(Date.now() - 121_000));
    lockFolder(folder)();
    writeFileSync(file, '{ torn');
    expect(() => lockFolder(folder)).toThrow('process unknown on an unknown machine is training here');
  });
});
