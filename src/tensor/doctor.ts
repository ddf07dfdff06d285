import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { SptError } from '../errors';
import { backendInfo, chooseBackend, tf, useBackend, type BackendInfo, type BackendName } from './backend';
import { attentionCore, geluTanh, rmsNorm, tokenCrossEntropy } from './fused';
import { findGpus, type Gpu } from './gpu';
import { random } from './random';

/** Something missing or amiss, and the command that mends it. */
export type Finding = { readonly what: string; readonly mend: string };

/** What `spt doctor` prints, as plain JSON. */
export type Diagnosis = {
  /** Null where no backend could be started; `findings` then says why. */
  readonly backend: BackendName | null;
  readonly device: string;
  readonly onGpu: boolean;
  readonly gpus: readonly Gpu[];
  readonly versions: {
    readonly node: string;
    readonly platform: string;
    readonly tfjs: string;
    readonly libtensorflow: string | null;
  };
  /** Median over repeats of a square product large enough to be timed, 10^9 multiplications and additions a second. */
  readonly matMul: { readonly gflops: number; readonly size: number; readonly repeats: number } | null;
  /** Largest deviation from the pure-JavaScript backend, relative to the largest gradient there. */
  readonly gradients: {
    readonly maxDeviation: number;
    readonly tolerance: number;
    readonly agree: boolean;
  } | null;
  readonly findings: readonly Finding[];
};

const gradientTolerance = 1e-4;
const repeats = 7;
const longEnoughMs = 20;
const largestSize = 4096;

/** Milliseconds of one product of two `[size, size]` matrices, until its result can be read. */
async function timeMatMul(size: number): Promise<number> {
  const a = tf.ones([size, size]);
  const start = performance.now();
  const corner = tf.tidy(() => tf.slice(tf.matMul(a, a), [0, 0], [1, 1]));
  await corner.data();
  const elapsed = performance.now() - start;
  tf.dispose([a, corner]);
  return elapsed;
}

async function measureMatMul(): Promise<NonNullable<Diagnosis['matMul']>> {
  let size = 128;
  // The first product of a size also pays for compilation and memory, so each size is tried twice.
  const settled = async (): Promise<number> => Math.min(await timeMatMul(size), await timeMatMul(size));
  while (size < largestSize && (await settled()) < longEnoughMs) size *= 2;
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) times.push(await timeMatMul(size));
  const median = times.sort((a, b) => a - b)[Math.floor(repeats / 2)] as number;
  return { gflops: (2 * size ** 3) / median / 1e6, size, repeats };
}

/** Gradients of one small T5-like chain (norm, attention, gated activation, cross-entropy) in all its inputs, joined. */
async function smallGradients(): Promise<Float32Array> {
  const rng = random('doctor');
  const draw = (shape: number[]): tf.Tensor => {
    const values = Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => 0.5 * rng.normal());
    return tf.tensor(values, shape);
  };
  const [rows, heads, length, dKv, vocabulary] = [2, 2, 5, 4, 11];
  const inputs = [draw([rows, length, heads * dKv]), draw([heads * dKv]), draw([vocabulary, heads * dKv])];
  const joined = tf.tidy(() => {
    const bias = draw([1, heads, length, length]) as tf.Tensor4D;
    const labels = tf.tensor1d(
      Array.from({ length: rows * length }, () => rng.integer(vocabulary)),
      'int32',
    );
    const loss = (x: tf.Tensor, weight: tf.Tensor, table: tf.Tensor): tf.Scalar => {
      const normed = rmsNorm(x as tf.Tensor3D, weight as tf.Tensor1D, 1e-6, true);
      const split = normed.reshape([rows, length, heads, dKv]).transpose([0, 2, 1, 3]) as tf.Tensor4D;
      const mixed = attentionCore(split, split, split, bias, false);
      const flat = mixed.transpose([0, 2, 1, 3]).reshape([rows * length, heads * dKv]) as tf.Tensor2D;
      return tf.mean(tokenCrossEntropy(geluTanh(flat), table as tf.Tensor2D, labels, 0, true));
    };
    return tf.concat(
      tf
        .grads(loss)(inputs)
        .map((gradient) => gradient.flatten()),
    );
  });
  const values = (await joined.data()) as Float32Array;
  tf.dispose([...inputs, joined]);
  return values;
}

async function compareGradients(backend: BackendName): Promise<NonNullable<Diagnosis['gradients']>> {
  const found = await smallGradients();
  await useBackend('cpu');
  const wanted = await smallGradients();
  await useBackend(backend);
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  // A NaN must not slip through a comparison that is false for it.
  const maxDeviation = wanted.reduce((largest, value, i) => {
    const deviation = Math.abs((found[i] ?? NaN) - value) / scale;
    return Number.isNaN(deviation) ? Infinity : Math.max(largest, deviation);
  }, 0);
  return { maxDeviation, tolerance: gradientTolerance, agree: maxDeviation <= gradientTolerance };
}

/** Files that set-up makes, and what can't be done without them. */
const madeBySetup: readonly (readonly [path: string, without: string])[] = [
  [join('.venv', 'bin', 'jupyter'), 'notebooks cannot be run, and figures cannot be drawn'],
  [join('dist', 'index.js'), 'notebooks cannot import the library'],
];

function missingFiles(root: string): Finding[] {
  return madeBySetup
    .filter(([path]) => !existsSync(join(root, path)))
    .map(([path, without]) => ({ what: `${path} is missing: ${without}`, mend: 'npm run setup' }));
}

function deviceText(info: BackendInfo | null): string {
  if (info?.adapter != null) {
    const software = info.adapter.isFallbackAdapter ? ' (software)' : '';
    return `${info.adapter.description || info.adapter.architecture || info.adapter.vendor}${software}`;
  }
  if (info?.onGpu === true) return info.gpus.map((gpu) => gpu.name).join(', ') || 'GPU';
  const cores = cpus();
  return `${cores[0]?.model.trim() ?? process.arch} (${cores.length} cores)`;
}

/**
 * Looks at what computes here: backend, device, versions, the speed of a matrix product, whether gradients agree with
 * the pure-JavaScript backend, and what is missing. A backend that can't be started is a finding, not an error.
 * @throws ConfigError for a backend that does not exist.
 */
export async function diagnose(
  backend?: string,
  root: string = join(__dirname, '..', '..'),
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const wanted = chooseBackend(backend, root);
  let name: BackendName | null = null;
  try {
    name = await useBackend(wanted);
  } catch (error) {
    if (!(error instanceof SptError)) throw error;
    const mend = wanted === 'webgpu' ? 'SPT_BACKEND=tensorflow' : 'npm run setup';
    findings.push({ what: error.message, mend });
  }
  const info = name === null ? null : backendInfo();
  const matMul = name === null ? null : await measureMatMul();
  const gradients = name === null ? null : await compareGradients(name);
  if (gradients?.agree === false) {
    const what = `gradients deviate from the pure-JavaScript backend by ${gradients.maxDeviation.toExponential(1)}`;
    findings.push({ what, mend: 'SPT_BACKEND=cpu, the reference' });
  }
  if (info?.unused != null) {
    const use = info.gpus.some((gpu) => gpu.vendor === 'nvidia')
      ? 'SPT_DEVICE=gpu npm run setup'
      : 'SPT_BACKEND=webgpu';
    findings.push({
      what: info.unused,
      mend: name === 'webgpu' ? 'install the Vulkan driver of the GPU' : use,
    });
  }
  findings.push(...missingFiles(root));
  return {
    backend: name,
    device: deviceText(info),
    onGpu: info?.onGpu ?? false,
    gpus: info?.gpus ?? findGpus(),
    versions: {
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      tfjs: tf.version.tfjs,
      libtensorflow: info?.libtensorflow ?? null,
    },
    matMul,
    gradients,
    findings,
  };
}

/** A diagnosis as lines for a terminal. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const { versions, matMul, gradients, gpus, findings } = diagnosis;
  const libtensorflow = versions.libtensorflow === null ? '' : `, libtensorflow ${versions.libtensorflow}`;
  const rows: readonly (readonly [string, string])[] = [
    ['backend', diagnosis.backend ?? 'none could be started'],
    ['device', `${diagnosis.device}, computing on the ${diagnosis.onGpu ? 'GPU' : 'CPU'}`],
    ['GPUs', gpus.length === 0 ? 'none found' : gpus.map((gpu) => gpu.name).join(', ')],
    ['versions', `Node ${versions.node} (${versions.platform}), tfjs ${versions.tfjs}${libtensorflow}`],
    [
      'matMul',
      matMul === null
        ? 'not measured'
        : `${matMul.gflops.toPrecision(3)} GFLOP/s (${matMul.size} x ${matMul.size}, median of ${matMul.repeats})`,
    ],
    [
      'gradients',
      gradients === null
        ? 'not compared'
        : `${gradients.agree ? 'agree' : 'DISAGREE'} with the pure-JavaScript backend (largest relative deviation ${gradients.maxDeviation.toExponential(1)}, allowed ${gradients.tolerance})`,
    ],
    ['missing', findings.length === 0 ? 'nothing' : ''],
  ];
  const lines = rows.map(([label, text]) => `${label.padEnd(10)} ${text}`.trimEnd());
  return [...lines, ...findings.map(({ what, mend }) => `  - ${what}\n    mend: ${mend}`)].join('\n');
}
