import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendInfo, tf, useBackend } from '../../src/tensor/backend';
import { backendCases } from './backendSuite';

/** Software Vulkan that Debian's chromium carries; a real driver is left alone. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

const navigatorBefore = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

async function webGpuAvailable(): Promise<string | null> {
  if (
    process.env['VK_ICD_FILENAMES'] === undefined &&
    existsSync(swiftShader) &&
    backendInfo().gpus.length === 0
  ) {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    process.env['XDG_RUNTIME_DIR'] ??= '/tmp';
  }
  try {
    await useBackend('webgpu');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Largest deviation, relative to the largest value of the reference. */
function deviation(found: readonly number[], wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(scale).toBeGreaterThan(0);
  return wanted.reduce((largest, value, i) => {
    const difference = Math.abs((found[i] as number) - value) / scale;
    return Number.isFinite(difference) ? Math.max(largest, difference) : Infinity;
  }, 0);
}

const reference = new Map<string, number[]>();
beforeAll(async () => {
  await useBackend('cpu');
  for (const { name, compute } of backendCases) reference.set(name, await compute());
});

// The other test files of this process expect the native backend and a Node without a navigator of Dawn's.
afterAll(async () => {
  await useBackend('tensorflow');
  // Where there is no driver, it was never registered.
  if ('webgpu' in tf.engine().registryFactory) tf.removeBackend('webgpu');
  Reflect.deleteProperty((globalThis.navigator as object | undefined) ?? {}, 'gpu');
  if (navigatorBefore === undefined) Reflect.deleteProperty(globalThis, 'navigator');
  else Object.defineProperty(globalThis, 'navigator', navigatorBefore);
});

describe.each(['tensorflow', 'wasm', 'webgpu'] as const)(
  'backend %s against the pure-JavaScript one',
  (backend) => {
    let unavailable: string | null = null;
    beforeAll(async () => {
      if (backend === 'webgpu') unavailable = await webGpuAvailable();
      else await useBackend(backend);
      const { onGpu, adapter } = backendInfo();
      const device = unavailable ?? `on ${adapter?.description ?? (onGpu ? 'the GPU' : 'the CPU')}`;
      process.stderr.write(
        `backend suite: ${backend}: ${unavailable === null ? device : `SKIPPED: ${device}`}\n`,
      );
    });

    it.for(backendCases.map((one) => [one.name, one] as const))(
      '%s',
      async ([name, { compute }], { skip }) => {
        if (unavailable !== null) skip(unavailable);
        expect(tf.getBackend()).toBe(backend);
        const before = tf.memory().numTensors;
        const found = await compute();
        expect(tf.memory().numTensors).toBe(before);
        const tolerance = name.startsWith('one ') ? 1e-3 : 1e-4;
        expect(deviation(found, reference.get(name) as number[])).toBeLessThan(tolerance);
      },
    );
  },
);
