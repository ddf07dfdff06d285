import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeParity } from './describeParity';

/** A Python that has torch, transformers and safetensors; without it these tests are skipped. */
const python = process.env['SPT_PEERS'];
const seed = 1;
const cases = [
  'v1.0',
  'v1.1',
  'flan-bf16',
  'odd-f16',
  'odd-sharded',
  'gated-tied-bf16',
  'embed-tokens',
] as const;

describe.skipIf(python === undefined)('fresh checkpoints from transformers', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'spt-parity-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  describe.each(cases)('%s', (name) => {
    beforeAll(async () => {
      const script = path.join(__dirname, 'reference.py');
      const options = ['--out', folder, '--seed', String(seed), '--case', name];
      await promisify(execFile)(python as string, [script, ...options]);
    }, 1_200_000);
    describeParity(name, () => path.join(folder, name), true);
  });
});
