import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../src/errors';
import { backendInfo, chooseBackend, unusedGpus, useBackend } from '../../src/tensor/backend';
import { findGpus } from '../../src/tensor/gpu';
import { usefulThreads } from '../../src/tensor/threads';
import { modelShape, passProduct } from '../../src/model/shapes';

const folder = mkdtempSync(join(tmpdir(), 'spt-backend-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await useBackend('tensorflow');
});

function write(root: string, path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('usefulThreads', () => {
  it('is one for small passes, else all', () => {
    const threads = (model: string, tokens: number): number =>
      usefulThreads(passProduct(modelShape(model), tokens), 8);
    expect([threads('mini', 64), threads('mini', 8 * 114), threads('mini', 32 * 114)]).toEqual([1, 1, 8]);
    expect([threads('t5-small', 16), threads('t5-small', 8 * 114), threads('t5-large', 64)]).toEqual([
      1, 8, 8,
    ]);
  });
});

describe('chooseBackend', () => {
  let lines: string[];
  beforeEach(() => {
    vi.stubEnv('SPT_BACKEND', '');
    lines = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('takes the option before SPT_BACKEND, that before what set-up wrote, and tensorflow otherwise', () => {
    const root = join(folder, 'order');
    expect(chooseBackend(undefined, root)).toBe('tensorflow');
    write(root, '.setup/backend.json', '{"backend":"wasm","reason":"no C++ compiler"}');
    expect(chooseBackend(undefined, root)).toBe('wasm');
    vi.stubEnv('SPT_BACKEND', 'webgpu');
    expect(chooseBackend(undefined, root)).toBe('webgpu');
    expect(chooseBackend('cpu', root)).toBe('cpu');
  });

  it('says a fallback once, on stderr, with its reason', () => {
    const root = join(folder, 'said');
    write(root, '.setup/backend.json', '{"backend":"wasm","reason":"no wheel for this platform"}');
    chooseBackend(undefined, root);
    chooseBackend(undefined, root);
    expect(lines).toEqual([
      'spt: warning: backend wasm instead of tensorflow, and slower: no wheel for this platform\n',
    ]);
  });

  it('says nothing where set-up built the native binding', () => {
    const root = join(folder, 'native');
    write(root, '.setup/backend.json', '{"backend":"tensorflow"}');
    expect(chooseBackend(undefined, root)).toBe('tensorflow');
    expect(lines).toEqual([]);
  });

  it.each([
    [
      'an option',
      () => chooseBackend('cuda'),
      /must be one of tensorflow, webgpu, wasm, cpu; found "cuda" \(option\)/,
    ],
    [
      'SPT_BACKEND',
      () => {
        vi.stubEnv('SPT_BACKEND', 'gpu');
        return chooseBackend();
      },
      /found "gpu" \(SPT_BACKEND\)/,
    ],
    [
      'a damaged file of set-up',
      () => {
        write(join(folder, 'damaged'), '.setup/backend.json', '{"backend":');
        return chooseBackend(undefined, join(folder, 'damaged'));
      },
      /backend\.json: must be JSON; run "npm run setup" again/,
    ],
  ])('refuses %s in one line', (_, choose, message) => {
    expect(choose).toThrow(ConfigError);
    expect(choose).toThrow(message);
  });
});

describe('findGpus', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('reads NVIDIA cards from the driver, by name', () => {
    const root = join(folder, 'nvidia');
    write(root, 'proc/driver/nvidia/gpus/0000:01:00.0/information', 'Model: \t\t NVIDIA H100\nIRQ: 1\n');
    write(root, 'dev/nvidia0');
    expect(findGpus(root, 'linux-x64')).toEqual([{ vendor: 'nvidia', name: 'NVIDIA H100' }]);
  });

  it('reads them from the device files where /proc is hidden', () => {
    const root = join(folder, 'container');
    write(root, 'dev/nvidia0');
    write(root, 'dev/nvidia1');
    write(root, 'dev/nvidiactl');
    expect(findGpus(root, 'linux-x64')).toHaveLength(2);
  });

  it('leaves out cards that CUDA_VISIBLE_DEVICES hides', () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '-1');
    expect(findGpus(join(folder, 'container'), 'linux-x64')).toEqual([]);
  });

  it('reads other vendors from the render nodes, and knows Apple by the platform', () => {
    const root = join(folder, 'amd');
    write(root, 'dev/dri/renderD128');
    write(root, 'dev/dri/card0');
    write(root, 'sys/class/drm/renderD128/device/vendor', '0x1002\n');
    expect(findGpus(root, 'linux-x64')).toEqual([{ vendor: 'amd', name: 'AMD GPU' }]);
    expect(findGpus(root, 'darwin-arm64')).toEqual([{ vendor: 'apple', name: 'Apple GPU' }]);
    expect(findGpus(join(folder, 'nothing'), 'linux-arm64')).toEqual([]);
  });
});

describe('useBackend', () => {
  it('names the command that mends a missing native binding', async () => {
    vi.doMock('@tensorflow/tfjs-node-gpu', () => {
      throw new Error('tfjs_binding.node not found');
    });
    const attempt = useBackend('tensorflow');
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(
      /^backend tensorflow: its native binding cannot be loaded \(.*\); run "npm run setup", or set SPT_BACKEND=wasm$/,
    );
    vi.doUnmock('@tensorflow/tfjs-node-gpu');
  });
});

describe('backendInfo', () => {
  it('says how to use a GPU that is there but unused, and nothing where there is none', async () => {
    await useBackend('cpu');
    expect(backendInfo([]).unused).toBeNull();
    const nvidia = backendInfo([{ vendor: 'nvidia', name: 'NVIDIA H100' }]);
    expect(nvidia.onGpu).toBe(false);
    expect(nvidia.unused).toBe(
      'a GPU is here (NVIDIA H100) but backend cpu computes on the CPU: "SPT_DEVICE=gpu npm run setup" builds for CUDA; SPT_BACKEND=webgpu uses it without',
    );
    expect(backendInfo([{ vendor: 'amd', name: 'AMD GPU' }]).unused).toContain('SPT_BACKEND=webgpu uses it');
  });

  it('says nothing of a GPU that is used, and what WebGPU lacks where it found software only', () => {
    const gpus = [{ vendor: 'intel', name: 'INTEL GPU' }] as const;
    expect(unusedGpus('webgpu', true, gpus)).toBeNull();
    expect(unusedGpus('webgpu', false, gpus)).toBe(
      'a GPU is here (INTEL GPU) but backend webgpu computes on the CPU: WebGPU found software only; install the Vulkan driver of the GPU',
    );
  });
});
