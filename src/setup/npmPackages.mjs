import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { explainFailure } from './problem.mjs';

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function lockedPackages(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
}

/**
 * Whether node_modules holds what the lock file names, as after an `npm ci` or `npm install` by hand.
 * @param {string} root
 * @returns {boolean}
 */
export function packagesMatchLock(root) {
  try {
    const installed = lockedPackages(path.join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(lockedPackages(path.join(root, 'package-lock.json'))).every(
      ([name, { version, optional, devOptional }]) =>
        name === '' || optional === true || devOptional === true || installed[name]?.version === version,
    );
  } catch {
    return false;
  }
}

/**
 * Installs exactly the packages of package-lock.json.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function npmPackages(root) {
  const lockFile = path.join(root, 'package-lock.json');
  return {
    name: 'npm-packages',
    does: () => 'npm packages (npm ci)',
    megabytes: 1500,
    inputs: () => [root, fs.readFileSync(lockFile, 'utf8')],
    outputs: () => [path.join(root, 'node_modules', '.package-lock.json')],
    isThere: () => packagesMatchLock(root),
    run: async () => {
      const log = path.join(root, '.setup', 'logs', 'npm.log');
      // Under `npm run -s` the environment would silence the very errors that are read below.
      const args = ['ci', '--include=dev', '--loglevel=error', '--no-audit', '--no-fund', '--no-progress'];
      const npm = process.env['npm_execpath'];
      const { status, output } =
        npm !== undefined && /npm-cli\.c?js$/.test(npm)
          ? await runProgram(process.execPath, [npm, ...args], { cwd: root, log })
          : await runProgram('npm', args, { cwd: root, log });
      if (status !== 0) throw explainFailure('installing the npm packages', output, log);
    },
  };
}
