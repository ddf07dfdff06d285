import { findProgram, runProgram } from './command.mjs';
import { installHint } from './installHint.mjs';
import { SetupError } from './problem.mjs';

const names = ['python3', ...[14, 13, 12, 11, 10, 9].map((minor) => `python3.${minor}`), 'python'];

/**
 * The Python to make the venv with: SPT_PYTHON, else the first on PATH that is new enough and has the venv module.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>}
 */
export async function findPython(env = process.env) {
  const own = env['SPT_PYTHON'];
  const found = [];
  for (const name of own === undefined ? names : [own]) {
    const python = findProgram(name, env);
    if (python === null) continue;
    const probe = 'import sys; print(*sys.version_info[:2])';
    const { status, output } = await runProgram(python, ['-c', probe], { env });
    const [major = 0, minor = 0] = output.trim().split(' ').map(Number);
    if (status !== 0 || !(major > 3 || (major === 3 && minor >= 9))) {
      found.push(status === 0 ? `${python} is ${major}.${minor}` : `${python} does not run`);
      continue;
    }
    const modules = await runProgram(python, ['-c', 'import venv, ensurepip'], { env });
    if (modules.status === 0) return python;
    throw new SetupError(
      `${python} lacks the venv module`,
      `${installHint('venv', env)}, then npm run setup`,
    );
  }
  const seen = found.length > 0 ? ` (${found.join(', ')})` : '';
  const where = own === undefined ? 'PATH has no' : `SPT_PYTHON=${own} is no`;
  throw new SetupError(
    `${where} Python 3.9 or newer${seen}`,
    `${installHint('python', env)}, then npm run setup`,
  );
}
