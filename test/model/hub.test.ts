import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/errors';
import { resolveModel } from '../../src/model/hub';

let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'spt-hub-'));
  for (const variable of ['HF_HUB_CACHE', 'HF_HOME', 'XDG_CACHE_HOME']) vi.stubEnv(variable, undefined);
  vi.stubEnv('HOME', home);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** A cache in huggingface_hub's layout with one model whose `main` points to its second snapshot. */
function makeCache(folder: string, model: string): string {
  const repository = path.join(folder, `models--${model.replace('/', '--')}`);
  for (const commit of ['aaa', 'bbb']) {
    mkdirSync(path.join(repository, 'snapshots', commit), { recursive: true });
    writeFileSync(path.join(repository, 'snapshots', commit, 'config.json'), '{}');
  }
  mkdirSync(path.join(repository, 'refs'));
  writeFileSync(path.join(repository, 'refs', 'main'), 'bbb\n');
  return path.join(repository, 'snapshots', 'bbb');
}

describe('resolveModel', () => {
  it('knows the shipped model', () => {
    expect(resolveModel('mini')).toBe(path.resolve('data/mini/model'));
  });

  it('takes a folder as it is', () => {
    expect(resolveModel(home)).toBe(home);
    expect(resolveModel('src/model')).toBe(path.resolve('src/model'));
  });

  it.each([
    ['HF_HUB_CACHE', ''],
    ['HF_HOME', 'hub'],
    ['XDG_CACHE_HOME', 'huggingface/hub'],
  ])('looks in the cache that %s names, at the commit of main', (variable, below) => {
    vi.stubEnv(variable, path.join(home, 'elsewhere'));
    const snapshot = makeCache(path.join(home, 'elsewhere', below), 'google/flan-t5-small');
    expect(resolveModel('google/flan-t5-small')).toBe(snapshot);
  });

  it('looks below the home folder by default, and knows names without an owner', () => {
    const snapshot = makeCache(path.join(home, '.cache/huggingface/hub'), 't5-small');
    expect(resolveModel('t5-small')).toBe(snapshot);
  });

  it('says what to do where the model is not there', () => {
    const cache = path.join(home, '.cache/huggingface/hub/models--google--flan-t5-small');
    expect(() => resolveModel('google/flan-t5-small')).toThrow(
      new ConfigError(
        `model: google/flan-t5-small is no folder and not in the Hugging Face cache (${cache}); download it with: hf download google/flan-t5-small`,
      ),
    );
    expect(() => resolveModel('./no/such/folder')).toThrow(
      new ConfigError(
        'model: must be mini, a folder or a Hugging Face name; there is no folder ./no/such/folder',
      ),
    );
  });
});
