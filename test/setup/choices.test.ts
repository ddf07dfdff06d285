import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bindingArguments } from '../../src/setup/binding.mjs';
import { checkNode } from '../../src/setup/checkNode.mjs';
import { chooseDevice } from '../../src/setup/chooseDevice.mjs';
import { chooseWheels } from '../../src/setup/chooseWheels.mjs';
import { countTests } from '../../src/setup/countTests.mjs';
import { kernelSpec } from '../../src/setup/kernel.mjs';
import { demandFeasible } from '../../src/setup/libtensorflow.mjs';

describe('the wheels of a platform', () => {
  test.each([
    ['linux', 'x64', 'cpu', ['tensorflow-cpu==2.18.1']],
    ['linux', 'arm64', 'cpu', ['tensorflow==2.18.1']],
    ['darwin', 'arm64', 'cpu', ['tensorflow==2.18.1']],
  ] as const)('%s %s %s', (platform, arch, device, expected) => {
    expect(chooseWheels(platform, arch, device)?.map(({ requirement }) => requirement)).toEqual(expected);
  });

  test('CUDA brings its own libraries, each pinned by its hash', () => {
    const wheels = chooseWheels('linux', 'x64', 'gpu') ?? [];
    expect(wheels[0]?.requirement).toBe('tensorflow==2.18.1');
    expect(wheels.slice(1).every(({ requirement }) => /^nvidia-[a-z-]+-cu12==\d/.test(requirement))).toBe(
      true,
    );
    expect(wheels).toHaveLength(13);
    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(13);
    expect(wheels.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  });

  test.each([
    ['darwin', 'x64', 'cpu'],
    ['darwin', 'arm64', 'gpu'],
    ['linux', 'arm64', 'gpu'],
    ['linux', 'riscv64', 'cpu'],
    ['freebsd', 'x64', 'cpu'],
  ] as const)('none for %s %s %s', (platform, arch, device) => {
    expect(chooseWheels(platform, arch, device)).toBeNull();
  });

  test('neither wheel nor compiler is a reason to fall back, with what mends it', () => {
    const plan = { device: 'cpu', wheels: [], compiler: '/usr/bin/c++', folder: '/kit' } as const;
    expect(() => demandFeasible(plan)).not.toThrow();
    expect(() => demandFeasible({ ...plan, wheels: null })).toThrow(
      /no TensorFlow wheel for .*; to mend: use Linux/,
    );
    expect(() => demandFeasible({ ...plan, wheels: null, device: 'gpu' })).toThrow(
      'SPT_DEVICE=cpu npm run setup',
    );
    expect(() => demandFeasible({ ...plan, compiler: null })).toThrow(
      /no C\+\+ compiler .*; to mend: .*npm run setup/,
    );
  });
});

describe('the device', () => {
  const nothing = { asked: undefined, earlier: undefined, gpuSeen: false };

  test.each([
    [nothing, 'cpu'],
    [{ ...nothing, gpuSeen: true }, 'gpu'],
    [{ ...nothing, gpuSeen: true, asked: 'cpu' }, 'cpu'],
    [{ ...nothing, asked: 'gpu' }, 'gpu'],
    [{ ...nothing, earlier: 'gpu' }, 'gpu'],
    [{ ...nothing, gpuSeen: true, earlier: 'cpu' }, 'cpu'],
    [{ ...nothing, gpuSeen: true, earlier: 'cpu', asked: 'auto' }, 'gpu'],
  ])('%o is %s', (known, device) => {
    expect(chooseDevice(known)).toBe(device);
  });

  test('another word is refused', () => {
    expect(() => chooseDevice({ ...nothing, asked: 'cuda' })).toThrow(
      'SPT_DEVICE must be cpu, gpu or auto; found "cuda"',
    );
  });
});

test('Node.js from 20.19 on, and no Windows', () => {
  expect(() => checkNode('18.20.4', 'linux')).toThrow(
    /Node\.js 20\.19 or newer is needed, this is 18\.20\.4; to mend: nvm/,
  );
  expect(() => checkNode('20.18.3', 'linux')).toThrow('this is 20.18.3');
  expect(() => checkNode('20.19.0', 'linux')).not.toThrow();
  expect(() => checkNode('24.1.0', 'darwin')).not.toThrow();
  expect(() => checkNode('22.1.0', 'win32')).toThrow(/Windows .*; to mend: wsl --install/);
});

test('the binding is linked to the libraries by their names on each system', () => {
  const where = { root: '/kit', folder: '/kit/.setup/libtensorflow', output: '/kit/binding.node' };
  const linux = bindingArguments({ ...where, platform: 'linux' });
  expect(linux).toContain('-l:libtensorflow_cc.so.2');
  expect(linux).toContain('-Wl,-rpath,/kit/.setup/libtensorflow/tensorflow');
  expect(linux[linux.indexOf('-o') + 1]).toBe('/kit/binding.node');
  const mac = bindingArguments({ ...where, platform: 'darwin' });
  expect(mac).toContain('/kit/.setup/libtensorflow/tensorflow/libtensorflow_framework.2.dylib');
  expect(mac).not.toContain('-l:libtensorflow_cc.so.2');
});

test('the kernel starts without looking at PATH', () => {
  const { argv, env } = kernelSpec('/kit') as { argv: string[]; env: Record<string, string> };
  expect(argv).toEqual([
    process.execPath,
    path.join('/kit', 'node_modules', 'tslab', 'bin', 'tslab'),
    'kernel',
    '--config-path={connection_file}',
  ]);
  expect(env['TF_CPP_MIN_LOG_LEVEL']).toBe('3');
  expect(env['PATH']?.split(':').at(-1)).toBe('${PATH}');
});

describe('the last line counts', () => {
  const report = (failed: number, files: object[]): string =>
    JSON.stringify({
      ...{ numPassedTests: 5, numFailedTests: failed, numPendingTests: 2, numTodoTests: 1 },
      testResults: files,
    });
  const bad = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] };

  test('passed, failed and skipped tests', () => {
    expect(countTests(report(1, [bad]), 1)).toEqual({ passed: 5, failed: 1, skipped: 3 });
    expect(countTests(report(0, []), 0)).toEqual({ passed: 5, failed: 0, skipped: 3 });
  });

  test('files that do not load, stray rejections and crashes as failures', () => {
    expect(countTests(report(0, [{ status: 'failed', assertionResults: [] }]), 1).failed).toBe(1);
    expect(countTests(report(0, []), 1).failed).toBe(1);
    expect(countTests(null, 139)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
