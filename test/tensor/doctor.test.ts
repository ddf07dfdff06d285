import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tf, useBackend } from '../../src/tensor/backend';
import { diagnose, diagnosisText, type Diagnosis } from '../../src/tensor/doctor';

const root = mkdtempSync(join(tmpdir(), 'spt-doctor-'));
let native: Diagnosis;
beforeAll(async () => {
  native = await diagnose('tensorflow', root);
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await useBackend('tensorflow');
});

describe('diagnose', () => {
  it('measures the native backend and finds its gradients right', () => {
    expect(native.backend).toBe('tensorflow');
    expect(native.versions.node).toBe(process.versions.node);
    expect(native.versions.libtensorflow).toMatch(/^2\.\d+\.\d+/);
    expect(native.gradients?.agree).toBe(true);
    expect(native.gradients?.maxDeviation).toBeLessThan(1e-5);
    // Two kernels with other orders of summation can't agree to the last bit everywhere: 0 would mean one was asked twice.
    expect(native.gradients?.maxDeviation).toBeGreaterThan(0);
    // Slower than this a matrix product is not done by vector instructions.
    expect(native.matMul?.gflops).toBeGreaterThan(3);
    expect(native.matMul?.gflops).toBeLessThan(1e6);
  });

  it('leaves the backend it was asked about running, and no tensors', async () => {
    const before = tf.memory().numTensors;
    await diagnose('wasm', root);
    expect(tf.getBackend()).toBe('wasm');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names what set-up did not make, and the command that does', () => {
    expect(native.findings.map(({ what }) => what.split(' ')[0])).toEqual([
      join('.venv', 'bin', 'jupyter'),
      join('dist', 'index.js'),
    ]);
    expect(native.findings.every(({ mend }) => mend === 'npm run setup')).toBe(true);
  });

  it('finds nothing where everything is there', async () => {
    for (const path of ['.venv/bin/jupyter', 'dist/index.js']) {
      mkdirSync(join(root, 'whole', path, '..'), { recursive: true });
      writeFileSync(join(root, 'whole', path), '');
    }
    const { findings, gpus } = await diagnose('cpu', join(root, 'whole'));
    expect(findings).toHaveLength(gpus.length > 0 ? 1 : 0);
  });

  it('refuses a backend that does not exist', async () => {
    await expect(diagnose('cuda', root)).rejects.toThrow(/found "cuda"/);
  });
});

describe('diagnosisText', () => {
  it('shows every number, and each finding with its remedy', () => {
    const text = diagnosisText({
      ...native,
      onGpu: false,
      device: 'Some CPU (2 cores)',
      matMul: { gflops: 123.4, size: 1024, repeats: 7 },
      gradients: { maxDeviation: 0.5, tolerance: 1e-4, agree: false },
      findings: [{ what: 'dist is missing', mend: 'npm run setup' }],
    });
    expect(text).toContain('device     Some CPU (2 cores), computing on the CPU');
    expect(text).toContain('matMul     123 GFLOP/s (1024 x 1024, median of 7)');
    expect(text).toContain(
      'gradients  DISAGREE with the pure-JavaScript backend (largest relative deviation 5.0e-1',
    );
    expect(text).toContain('  - dist is missing\n    mend: npm run setup');
  });
});
