import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { findPython } from './findPython.mjs';
import { explainFailure } from './problem.mjs';
import { pipEnvironment } from './pythonVenv.mjs';

/** torch first and alone: asked for by its version it is the CPU build where one lies at hand. */
const packages = [
  ['torch==2.13.0'],
  [
    'transformers==5.23.0',
    'peft==0.21.2',
    'sacrebleu==2.6.0',
    'safetensors',
    'tokenizers',
    'scipy',
    'scikit-learn==1.9.1',
    'umap-learn==0.5.12',
    'rouge-score==0.1.2',
    'nltk==3.10.4',
    'pyter3==0.3',
    'pycocoevalcap==1.2',
  ],
];

/**
 * Where the Python of the peers lies.
 * @param {string} root
 * @returns {string}
 */
export const pythonOfPeers = (root) => path.join(root, '.setup', 'peers', 'bin', 'python');

/**
 * Makes .setup/peers: what results and speed are compared with. Not part of the set-up; tests and `spt bench` ask for it.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function peers(root) {
  const venv = path.join(root, '.setup', 'peers');
  const log = path.join(root, '.setup', 'logs', 'peers.log');
  return {
    name: 'peers',
    does: () => 'Python packages to compare with (.setup/peers: PyTorch, transformers, peft, sacrebleu)',
    megabytes: 4000,
    inputs: () => [root, ...packages.flat()],
    outputs: () => [pythonOfPeers(root)],
    run: async () => {
      const python = await findPython();
      const env = pipEnvironment(root);
      fs.rmSync(venv, { recursive: true, force: true });
      const made = await runProgram(python, ['-m', 'venv', venv], { env, log });
      if (made.status !== 0) throw explainFailure('making the venv of the peers', made.output, log);
      for (const together of packages) {
        const pip = ['-m', 'pip', 'install', '--quiet', '--progress-bar', 'off', ...together];
        const installed = await runProgram(pythonOfPeers(root), pip, { cwd: root, env, log });
        if (installed.status !== 0) throw explainFailure('installing the peers', installed.output, log);
      }
    },
  };
}
