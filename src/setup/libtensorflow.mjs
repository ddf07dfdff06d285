import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { installHint } from './installHint.mjs';
import { explainFailure, NoTensorflow } from './problem.mjs';
import { pipEnvironment } from './pythonVenv.mjs';
import { forgetFallback, orWasm, planTensorflow } from './tensorflow.mjs';

/**
 * The parts of the wheels that a C++ program needs; the rest is Python.
 */
const wanted = ['tensorflow/include/', 'tensorflow/libtensorflow_', 'tensorflow.libs/', 'nvidia/'];

/**
 * Why a plan cannot work, before anything is downloaded.
 * @param {import('./tensorflow.mjs').Plan} plan
 * @returns {asserts plan is import('./tensorflow.mjs').Plan & { wheels: object, compiler: string }}
 */
export function demandFeasible(plan) {
  const { wheels, compiler, device } = plan;
  const platform = `${process.platform} ${process.arch}`;
  if (wheels === null) {
    const kind = device === 'gpu' ? 'with CUDA ' : '';
    const remedy =
      device === 'gpu' ? 'SPT_DEVICE=cpu npm run setup' : 'use Linux x64, Linux arm64 or macOS arm64';
    throw new NoTensorflow(`there is no TensorFlow wheel ${kind}for ${platform}`, remedy);
  }
  if (compiler === null) {
    throw new NoTensorflow(
      'no C++ compiler (c++, g++ or clang++) on PATH',
      `${installHint('compiler')}, then npm run setup`,
    );
  }
}

/**
 * Fetches libtensorflow: the C API's headers and shared libraries out of the TensorFlow wheels.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function libtensorflow(root) {
  const plan = planTensorflow(root);
  const requirements = (plan.wheels ?? []).map(
    ({ requirement, sha256 }) => `${requirement} --hash=sha256:${sha256}\n`,
  );
  const record = path.join(plan.folder, 'wheels.txt');
  const python = path.join(root, '.venv', 'bin', 'python');
  const log = path.join(root, '.setup', 'logs', 'libtensorflow.log');

  const download = async () => {
    const wheels = path.join(root, '.setup', 'wheels');
    const beside = `${plan.folder}.partial`;
    for (const folder of [wheels, beside]) fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(wheels, { recursive: true });
    const list = path.join(wheels, 'requirements.txt');
    fs.writeFileSync(list, requirements.join(''));
    const env = pipEnvironment(root);
    // The libraries are the same for every Python, so one Python's wheel serves hosts too old or too new for any.
    const pip = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--progress-bar',
      'off',
      '--no-deps',
      '--only-binary=:all:',
    ];
    const exactly = ['--python-version', '311', '--require-hashes', '-r', list, '-d', wheels];
    const fetched = await runProgram(python, [...pip, ...exactly], { cwd: root, env, log });
    if (fetched.status !== 0) {
      const failure = explainFailure('downloading libtensorflow', fetched.output, log);
      if (/No matching distribution/i.test(fetched.output) && !/the network|the disk/.test(failure.message)) {
        throw new NoTensorflow(`pip finds no TensorFlow wheel that fits this system`, `see ${log}`);
      }
      throw failure;
    }
    const files = fs.readdirSync(wheels).filter((name) => name.endsWith('.whl'));
    const unpack = path.join(root, 'src', 'setup', 'unpackWheels.py');
    const sources = files.map((name) => path.join(wheels, name));
    const unpacked = await runProgram(python, [unpack, beside, wanted.join(','), ...sources], { env, log });
    if (unpacked.status !== 0) throw explainFailure('unpacking libtensorflow', unpacked.output, log);
    fs.writeFileSync(path.join(beside, 'wheels.txt'), requirements.join(''));
    fs.rmSync(plan.folder, { recursive: true, force: true });
    fs.renameSync(beside, plan.folder);
    fs.rmSync(wheels, { recursive: true, force: true });
  };

  return orWasm(root, {
    name: 'libtensorflow',
    does: () =>
      `libtensorflow for ${plan.device === 'gpu' ? 'CUDA (2.4 GB to download)' : 'the CPU (230 MB to download)'}`,
    megabytes: plan.device === 'gpu' ? 8000 : 1300,
    inputs: () => [root, process.platform, process.arch, plan.device, ...requirements],
    outputs: () => [record],
    run: async () => {
      forgetFallback(root);
      demandFeasible(plan);
      const there = fs.existsSync(record) ? fs.readFileSync(record, 'utf8') : null;
      if (there !== requirements.join('')) await download();
    },
  });
}
