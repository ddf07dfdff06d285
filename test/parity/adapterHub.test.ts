import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAdapterHubParity } from './describeAdapterHubParity';

const fixtures = path.join(__dirname, '..', 'fixtures');
const modelFolder = (name: string): string => path.join(fixtures, 'parity', name);
/** T5 v1.0, v1.1, and a Flan whose stacks are as published ones in bfloat16. */
const cases = ['v1.0', 'v1.1', 'flan-bf16'] as const;

for (const name of cases)
  describeAdapterHubParity(name, modelFolder(name), () => path.join(fixtures, 'adapterHub', name));

/** A Python that has torch, adapters and the transformers that it needs; without it these tests are skipped. */
const python = process.env['SPT_PEERS_ADAPTERS'];

describe.skipIf(python === undefined)('fresh parameters', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'spt-adapterhub-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    const script = path.join(__dirname, 'adapterHub.py');
    const options = ['--model', ...cases.map(modelFolder), '--out', folder, '--seed', '1'];
    await promisify(execFile)(python as string, [script, ...options]);
  }, 1_200_000);
  for (const name of cases) describeAdapterHubParity(name, modelFolder(name), () => path.join(folder, name));
});
