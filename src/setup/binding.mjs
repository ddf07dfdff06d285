import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { demandFeasible } from './libtensorflow.mjs';
import { NoTensorflow } from './problem.mjs';
import { fallbackReason, orWasm, planTensorflow } from './tensorflow.mjs';

/**
 * The compiler's arguments that build the Node binding against libtensorflow.
 * @param {{ root: string, folder: string, output: string, platform?: string }} where
 * @returns {string[]}
 */
export function bindingArguments({ root, folder, output, platform = process.platform }) {
  const source = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  const libraries = path.join(folder, 'tensorflow');
  const headers = [
    source,
    path.dirname(source),
    path.join(libraries, 'include'),
    path.join(root, 'node_modules', 'node-api-headers', 'include'),
  ];
  const linked =
    platform === 'darwin'
      ? ['cc', 'framework'].map((name) => path.join(libraries, `libtensorflow_${name}.2.dylib`))
      : ['cc', 'framework'].map((name) => `-l:libtensorflow_${name}.so.2`);
  return [
    ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
    ...headers.map((folder) => `-I${folder}`),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(source, 'binding', name)),
    ...['-o', output, `-L${libraries}`],
    ...linked,
    ...[`-Wl,-rpath,${libraries}`],
    ...(platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
  ];
}

/**
 * Compiles the C++ half of @tensorflow/tfjs-node-gpu against libtensorflow and checks that it loads.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function binding(root) {
  const plan = planTensorflow(root);
  const { compiler, folder, device, wheels } = plan;
  const target = path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');
  const log = path.join(root, '.setup', 'logs', 'binding.log');
  return orWasm(root, {
    name: 'tfjs-binding',
    does: () => `TensorFlow binding (compiled by ${compiler ?? 'nothing'})`,
    megabytes: 50,
    inputs: () => [root, folder, process.arch, device, JSON.stringify(wheels)],
    outputs: () => [target],
    run: async () => {
      if (fallbackReason(root) !== null) return;
      demandFeasible(plan);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      const beside = `${target}.${process.pid}.partial`;
      try {
        const built = await runProgram(plan.compiler, bindingArguments({ root, folder, output: beside }), {
          log,
        });
        if (built.status !== 0) {
          const line = built.output.split('\n').find((text) => /error/i.test(text)) ?? 'no message';
          throw new NoTensorflow(
            `the binding does not compile (${line.trim()})`,
            `see ${log}, then npm run setup`,
          );
        }
        const load = `process.dlopen({ exports: {} }, ${JSON.stringify(beside)})`;
        const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
        const loaded = await runProgram(process.execPath, ['-e', load], { env, log });
        if (loaded.status !== 0) {
          const line =
            loaded.output.split('\n').find((text) => /Error|AVX/.test(text)) ?? 'the process ended';
          throw new NoTensorflow(
            `the binding does not load (${line.trim()})`,
            `see ${log}, then npm run setup`,
          );
        }
        fs.renameSync(beside, target);
      } finally {
        fs.rmSync(beside, { force: true });
      }
    },
  });
}
