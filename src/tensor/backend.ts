import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, sep } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { ConfigError } from '../errors';
import { findGpus, type Gpu } from './gpu';
import { usefulThreads } from './threads';
import { provideWebGpu, type AdapterInfo } from './webgpu';

export { tf };

/** Where tensors are computed. `cpu` is tfjs's pure JavaScript, the reference that the others are held to. */
export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

export const backendNames: readonly BackendName[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/** What set-up writes to `.setup/backend.json` where it had to fall back. */
type SetupChoice = { readonly backend: string; readonly reason?: string };

const projectRoot = join(__dirname, '..', '..');
const said = new Set<string>();
let adapter: AdapterInfo | undefined;
/** tfjs refuses to be told the path again once the backend runs. */
let wasmPathSet = false;

/** One line on stderr, once in a process: stdout belongs to results. */
function sayOnce(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  process.stderr.write(`spt: ${line}\n`);
}

function setupChoice(root: string): SetupChoice | undefined {
  const file = join(root, '.setup', 'backend.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SetupChoice;
  } catch (cause) {
    throw new ConfigError(`${file}: must be JSON; run "npm run setup" again`, { cause });
  }
}

function checkedName(name: string, where: string): BackendName {
  const known = backendNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new ConfigError(`backend: must be one of ${backendNames.join(', ')}; found "${name}" (${where})`);
}

/**
 * Which backend a process uses: the option, else `SPT_BACKEND`, else what set-up fell back to (said on stderr), else
 * `tensorflow`.
 * @throws ConfigError for an unknown name.
 */
export function chooseBackend(option?: string, root: string = projectRoot): BackendName {
  if (option !== undefined) return checkedName(option, 'option');
  const variable = process.env['SPT_BACKEND'];
  if (variable !== undefined && variable !== '') return checkedName(variable, 'SPT_BACKEND');
  const setup = setupChoice(root);
  if (setup === undefined || setup.backend === 'tensorflow') return 'tensorflow';
  const fallback = checkedName(setup.backend, join(root, '.setup', 'backend.json'));
  sayOnce(
    `warning: backend ${fallback} instead of tensorflow, and slower: ${setup.reason ?? 'set-up chose it'}`,
  );
  return fallback;
}

/** tfjs 4.22 calls both; Node 23 removed the first, and Node 22 and later warn of the second. */
function restoreNodeUtil(): void {
  const wanted: Readonly<Record<string, (value: unknown) => boolean>> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isArray: Array.isArray,
  };
  for (const [name, value] of Object.entries(wanted))
    Object.defineProperty(util, name, { value, configurable: true, writable: true });
}

async function registerTensorflow(multiplications: number): Promise<void> {
  restoreNodeUtil();
  // libtensorflow reads these once, when it is loaded; its start-up notes would drown the program's own.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  const cores = availableParallelism();
  const threads = usefulThreads(multiplications, cores);
  if (threads < cores) process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads);
  try {
    await import('@tensorflow/tfjs-node-gpu');
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '').trim() : String(cause);
    throw new ConfigError(
      `backend tensorflow: its native binding cannot be loaded (${why}); run "npm run setup", or set SPT_BACKEND=wasm`,
      { cause },
    );
  }
}

async function registerWebGpu(): Promise<void> {
  adapter = await provideWebGpu();
  await import('@tensorflow/tfjs-backend-webgpu');
}

async function registerWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  if (wasmPathSet) return;
  setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  wasmPathSet = true;
}

const register: Readonly<Record<BackendName, (multiplications: number) => Promise<void>>> = {
  tensorflow: registerTensorflow,
  webgpu: registerWebGpu,
  wasm: registerWasm,
  cpu: () => {
    // tfjs advises to install tfjs-node on the first use; whoever asks for the reference wants it as it is.
    const backend = tf.findBackend('cpu') as { firstUse?: boolean } | null;
    if (backend !== null) backend.firstUse = false;
    return Promise.resolve();
  },
};

/** What of the native backend is used beside tfjs's own interface. */
type NativeBackend = {
  readonly isUsingGpuDevice: boolean;
  readonly binding: {
    readonly TF_Version: string;
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_STRING: number;
  };
  getDTypeInteger(dtype: string): number;
  executeSingleOutput(
    kernel: string,
    attributes: readonly { readonly name: string; readonly type: number; readonly value: number | string }[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
};

/**
 * The gradient of relu from its value, in TensorFlow's own kernel, which tfjs does not name; past the tape, for the inside
 * of hand-written gradients. null where another backend computes.
 */
export function nativeReluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  const native = tf.backend() as unknown as NativeBackend;
  const type = { name: 'T', type: native.binding.TF_ATTR_TYPE, value: native.getDTypeInteger(dy.dtype) };
  return native.executeSingleOutput('ReluGrad', [type], [dy, y]);
}

/**
 * A product of two tensors by its equation, e.g. `nld,fd->nlf`, in TensorFlow's own kernel, which transposes and reshapes
 * inside; past the tape. null where another backend computes: tfjs's own takes the memory of all products before their sum.
 */
export function nativeEinsum(equation: string, a: tf.Tensor, b: tf.Tensor): tf.Tensor | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  const native = tf.backend() as unknown as NativeBackend;
  const { TF_ATTR_INT, TF_ATTR_STRING, TF_ATTR_TYPE } = native.binding;
  const attributes = [
    { name: 'N', type: TF_ATTR_INT, value: 2 },
    { name: 'equation', type: TF_ATTR_STRING, value: equation },
    { name: 'T', type: TF_ATTR_TYPE, value: native.getDTypeInteger(a.dtype) },
  ];
  return native.executeSingleOutput('Einsum', attributes, [a, b]);
}

/** What computes: the backend, whether on a GPU, and what is known of the device. */
export type BackendInfo = {
  readonly backend: BackendName;
  readonly onGpu: boolean;
  /** libtensorflow's version, where it computes. */
  readonly libtensorflow: string | null;
  /** What WebGPU says of its device, where it computes. */
  readonly adapter: AdapterInfo | null;
  /** GPUs that are there, used or not. */
  readonly gpus: readonly Gpu[];
  /** How to use a GPU that is there but unused; null where there is none or it is used. */
  readonly unused: string | null;
};

/** How to use GPUs that are there but unused by a backend; null where there is none. */
export function unusedGpus(backend: BackendName, onGpu: boolean, gpus: readonly Gpu[]): string | null {
  if (onGpu || gpus.length === 0) return null;
  const names = gpus.map((gpu) => gpu.name).join(', ');
  const remedy =
    backend === 'webgpu'
      ? 'WebGPU found software only; install the Vulkan driver of the GPU'
      : gpus.some((gpu) => gpu.vendor === 'nvidia')
        ? '"SPT_DEVICE=gpu npm run setup" builds for CUDA; SPT_BACKEND=webgpu uses it without'
        : 'SPT_BACKEND=webgpu uses it';
  return `a GPU is here (${names}) but backend ${backend} computes on the CPU: ${remedy}`;
}

/** What the running backend computes on. `gpus` stands in for the machine's in tests. */
export function backendInfo(gpus: readonly Gpu[] = findGpus()): BackendInfo {
  const backend = checkedName(tf.getBackend(), 'running');
  const native = backend === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;
  const info = backend === 'webgpu' ? (adapter ?? null) : null;
  const onGpu = (native?.isUsingGpuDevice ?? false) || (info !== null && !info.isFallbackAdapter);
  return {
    backend,
    onGpu,
    libtensorflow: native?.binding.TF_Version ?? null,
    adapter: info,
    gpus,
    unused: unusedGpus(backend, onGpu, gpus),
  };
}

/**
 * Chooses the backend (see `chooseBackend`) and waits until it is ready. A GPU that is there but unused is said once on
 * stderr.
 *
 * multiplications: about those of a larger product in the passes to come (see `passProduct`); where they are few and TensorFlow
 * is not loaded yet, it gets one thread, unless TF_NUM_INTRAOP_THREADS says how many.
 * @throws ConfigError for an unknown name, a native binding that is missing, or a WebGPU without an adapter.
 */
export async function useBackend(name?: string, multiplications = Infinity): Promise<BackendName> {
  const chosen = chooseBackend(name);
  await register[chosen](multiplications);
  if (!(await tf.setBackend(chosen))) throw new ConfigError(`backend ${chosen}: tfjs could not start it`);
  const { unused } = backendInfo();
  if (unused !== null) sayOnce(`warning: ${unused}`);
  return chosen;
}
