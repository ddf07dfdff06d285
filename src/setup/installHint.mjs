import { findProgram } from './command.mjs';

const packages = {
  python: {
    'apt-get': 'python3 python3-venv',
    dnf: 'python3',
    pacman: 'python',
    zypper: 'python3',
    apk: 'python3',
    brew: 'python',
  },
  venv: {
    'apt-get': 'python3-venv',
    dnf: 'python3',
    pacman: 'python',
    zypper: 'python3',
    apk: 'python3',
    brew: 'python',
  },
  compiler: { 'apt-get': 'g++', dnf: 'gcc-c++', pacman: 'gcc', zypper: 'gcc-c++', apk: 'g++', brew: 'gcc' },
};
const verbs = {
  'apt-get': 'install',
  dnf: 'install',
  pacman: '-S',
  zypper: 'install',
  apk: 'add',
  brew: 'install',
};

/**
 * The command that installs something here, by the package manager that is here.
 * @param {keyof typeof packages} what
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string}
 */
export function installHint(what, env = process.env) {
  const managers = /** @type {(keyof typeof verbs)[]} */ (Object.keys(verbs));
  const manager = managers.find((name) => findProgram(name, env) !== null) ?? 'apt-get';
  const sudo = manager === 'brew' || process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}${manager} ${verbs[manager]} ${packages[what][manager]}`;
}
