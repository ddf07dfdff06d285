import path from 'node:path';
import { writeAtomically } from './writeAtomically.mjs';

/**
 * What Jupyter starts for a TypeScript notebook: this project's tslab, by this Node.
 * @param {string} root
 * @returns {object}
 */
export function kernelSpec(root) {
  const paths = [
    path.join(root, 'node_modules', '.bin'),
    path.join(root, '.venv', 'bin'),
    path.dirname(process.execPath),
  ];
  return {
    argv: [
      process.execPath,
      path.join(root, 'node_modules', 'tslab', 'bin', 'tslab'),
      'kernel',
      '--config-path={connection_file}',
    ],
    display_name: 'TypeScript',
    language: 'typescript',
    interrupt_mode: 'signal',
    // libtensorflow reads its log level when it is loaded; Jupyter fills in ${PATH}.
    env: { TF_CPP_MIN_LOG_LEVEL: '3', PATH: [...paths, '${PATH}'].join(path.delimiter) },
  };
}

/**
 * Registers the tslab kernel in .venv, where only this project's Jupyter sees it.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function kernel(root) {
  const file = path.join(root, '.venv', 'share', 'jupyter', 'kernels', 'tslab', 'kernel.json');
  const text = `${JSON.stringify(kernelSpec(root), null, 2)}\n`;
  return {
    name: 'jupyter-kernel',
    does: () => 'Jupyter kernel (tslab)',
    inputs: () => [text],
    outputs: () => [file],
    run: () => Promise.resolve(writeAtomically(file, text)),
  };
}
