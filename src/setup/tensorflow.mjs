import fs from 'node:fs';
import path from 'node:path';
import { chooseDevice, seesNvidia } from './chooseDevice.mjs';
import { chooseWheels } from './chooseWheels.mjs';
import { findProgram } from './command.mjs';
import { NoTensorflow } from './problem.mjs';
import { writeAtomically } from './writeAtomically.mjs';

/**
 * What this machine gives TensorFlow to work with.
 * @typedef {object} Plan
 * @property {'cpu' | 'gpu'} device
 * @property {readonly import('./chooseWheels.mjs').Wheel[] | null} wheels
 * @property {string | null} compiler
 * @property {string} folder where libtensorflow lies, laid out as in Python's site-packages
 */

/** @param {string} root */
const choiceFile = (root) => path.join(root, '.setup', 'device');

/**
 * @param {string} root
 * @returns {string | undefined}
 */
function earlierChoice(root) {
  try {
    return fs.readFileSync(choiceFile(root), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Plan}
 */
export function planTensorflow(root, env = process.env) {
  const device = chooseDevice({
    asked: env['SPT_DEVICE'],
    earlier: earlierChoice(root),
    gpuSeen: seesNvidia(env),
  });
  const compilers = env['CXX'] === undefined ? ['c++', 'g++', 'clang++'] : [env['CXX']];
  return {
    device,
    wheels: chooseWheels(process.platform, process.arch, device),
    compiler: compilers.map((name) => findProgram(name, env)).find((file) => file !== null) ?? null,
    folder: path.join(root, '.setup', 'libtensorflow'),
  };
}

/**
 * Keeps a device asked for by SPT_DEVICE for the commands that come after without it.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 */
export function rememberDevice(root, env = process.env) {
  const asked = env['SPT_DEVICE'];
  if (asked !== undefined && asked !== earlierChoice(root)) writeAtomically(choiceFile(root), asked);
}

/**
 * The mark that TensorFlow could not be had, read by src/tensor/backend.ts.
 * @param {string} root
 */
const markFile = (root) => path.join(root, '.setup', 'backend.json');

/**
 * Why tensors are computed by `wasm` here; null where TensorFlow is in place.
 * @param {string} root
 * @returns {string | null}
 */
export function fallbackReason(root) {
  try {
    return JSON.parse(fs.readFileSync(markFile(root), 'utf8')).reason;
  } catch {
    return null;
  }
}

/** @param {string} root */
export function forgetFallback(root) {
  fs.rmSync(markFile(root), { force: true });
}

/**
 * Gives TensorFlow another chance where the compiler is another one than when it was given up.
 * @param {string} root
 */
export function reconsiderFallback(root) {
  if (fallbackReason(root) === null) return;
  const { compiler } = JSON.parse(fs.readFileSync(markFile(root), 'utf8'));
  if (compiler !== planTensorflow(root).compiler) forgetFallback(root);
}

/**
 * Lets a step end in the fall-back to `wasm` where TensorFlow cannot be had, and marks it.
 * @param {string} root
 * @param {import('./runSteps.mjs').Step} step
 * @returns {import('./runSteps.mjs').Step}
 */
export function orWasm(root, step) {
  return {
    ...step,
    outputs: () => (fallbackReason(root) === null ? step.outputs() : [markFile(root)]),
    run: async () => {
      try {
        await step.run();
      } catch (error) {
        if (!(error instanceof NoTensorflow)) throw error;
        const { compiler } = planTensorflow(root);
        const mark = { backend: 'wasm', reason: error.message, compiler };
        writeAtomically(markFile(root), `${JSON.stringify(mark)}\n`);
      }
    },
  };
}
