import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { findPython } from './findPython.mjs';
import { explainFailure, SetupError } from './problem.mjs';
import { pipEnvironment } from './pythonVenv.mjs';

/** First and alone: asked for by its version it is the CPU build where one lies at hand. */
const torch = ['torch==2.13.0'];

/**
 * What results and speed are compared with, a venv each: `adapters` needs a transformers of its own. Neither is part of
 * the set-up; tests and `spt bench` ask for them.
 */
const kinds = {
  peers: {
    does: 'Python packages to compare with (.setup/peers: PyTorch, transformers, peft, sacrebleu)',
    megabytes: 4000,
    packages: [
      torch,
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
    ],
  },
  'peers-adapters': {
    does: "AdapterHub's Python packages to compare with (.setup/peers-adapters: PyTorch, transformers, adapters)",
    megabytes: 2500,
    packages: [torch, ['transformers==4.57.6', 'adapters==1.3.0', 'safetensors']],
  },
};

/** @typedef {keyof typeof kinds} PeerKind */

/**
 * The kind of that name. Throws SetupError listing the known ones.
 * @param {string} name
 * @returns {PeerKind}
 */
export function peerKind(name) {
  if (!Object.hasOwn(kinds, name))
    throw new SetupError(`there are no peers '${name}'`, `name one of ${Object.keys(kinds).join(', ')}`);
  return /** @type {PeerKind} */ (name);
}

/**
 * Where the Python of the peers lies.
 * @param {string} root
 * @param {PeerKind} [kind]
 * @returns {string}
 */
export const pythonOfPeers = (root, kind = 'peers') => path.join(root, '.setup', kind, 'bin', 'python');

/**
 * Makes .setup/KIND.
 * @param {string} root
 * @param {PeerKind} [kind]
 * @returns {import('./runSteps.mjs').Step}
 */
export function peers(root, kind = 'peers') {
  const { does, megabytes, packages } = kinds[kind];
  const venv = path.join(root, '.setup', kind);
  const log = path.join(root, '.setup', 'logs', `${kind}.log`);
  const python = pythonOfPeers(root, kind);
  return {
    name: kind,
    does: () => does,
    megabytes,
    inputs: () => [root, ...packages.flat()],
    outputs: () => [python],
    run: async () => {
      const base = await findPython();
      const env = pipEnvironment(root);
      fs.rmSync(venv, { recursive: true, force: true });
      const made = await runProgram(base, ['-m', 'venv', venv], { env, log });
      if (made.status !== 0) throw explainFailure(`making the venv ${kind}`, made.output, log);
      for (const together of packages) {
        const pip = ['-m', 'pip', 'install', '--quiet', '--progress-bar', 'off', ...together];
        const installed = await runProgram(python, pip, { cwd: root, env, log });
        if (installed.status !== 0) throw explainFailure(`installing ${kind}`, installed.output, log);
      }
    },
  };
}
