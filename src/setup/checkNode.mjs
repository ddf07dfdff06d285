import { SetupError } from './problem.mjs';

/**
 * Refuses a Node.js that the libraries used here do not run on, and Windows, where nothing was tried.
 * @param {string} [version]
 * @param {string} [platform]
 */
export function checkNode(version = process.versions.node, platform = process.platform) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `Node.js 20.19 or newer is needed, this is ${version}`,
      'nvm install 22, or a package from nodejs.org',
    );
  }
  if (platform === 'win32') {
    throw new SetupError('Windows itself is not supported', 'wsl --install, then clone and run inside it');
  }
}
