import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { findPython } from './findPython.mjs';
import { explainFailure } from './problem.mjs';

/**
 * What pip runs with: the user's configuration, except for what would send the packages elsewhere.
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
export function pipEnvironment(root) {
  const temporary = path.join(root, '.setup', 'tmp');
  fs.mkdirSync(temporary, { recursive: true });
  return {
    ...process.env,
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PYTHONNOUSERSITE: '1',
    // Wheels of hundreds of megabytes do not fit into a /tmp that lies in memory.
    TMPDIR: temporary,
  };
}

/**
 * Makes .venv with JupyterLab, what runs notebooks, and kaleido.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function pythonVenv(root) {
  const venv = path.join(root, '.venv');
  const requirements = path.join(root, 'src', 'setup', 'requirements.txt');
  const log = path.join(root, '.setup', 'logs', 'python.log');
  return {
    name: 'python-venv',
    does: () => 'Python packages (.venv: JupyterLab, nbclient, nbconvert, kaleido)',
    megabytes: 1000,
    inputs: () => [root, fs.readFileSync(requirements, 'utf8')],
    outputs: () => ['python', 'jupyter'].map((name) => path.join(venv, 'bin', name)),
    run: async () => {
      const python = await findPython();
      const env = pipEnvironment(root);
      // A pip killed half-way leaves packages that look installed, so a venv without its stamp starts over.
      const made = await runProgram(python, ['-m', 'venv', '--clear', venv], { env, log });
      if (made.status !== 0) throw explainFailure('making the Python venv', made.output, log);
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-compile',
        '--no-deps',
        '--progress-bar',
        'off',
        '-r',
        requirements,
      ];
      const installed = await runProgram(path.join(venv, 'bin', 'python'), pip, { cwd: root, env, log });
      if (installed.status !== 0)
        throw explainFailure('installing the Python packages', installed.output, log);
    },
  };
}
