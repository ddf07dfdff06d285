/** What stops the set-up and the user can mend: one line, ending in the command that mends it. */
export class SetupError extends Error {
  /**
   * @param {string} problem what is wrong
   * @param {string} remedy the command, or the few words, that mend it
   */
  constructor(problem, remedy) {
    super(`${problem}; to mend: ${remedy}`);
    this.name = 'SetupError';
  }
}

/** TensorFlow cannot be had on this machine; the slower `wasm` backend can. */
export class NoTensorflow extends Error {
  /**
   * @param {string} problem
   * @param {string} remedy
   */
  constructor(problem, remedy) {
    super(`${problem}; to mend: ${remedy}`);
    this.name = 'NoTensorflow';
  }
}

const disk = /ENOSPC|No space left on device|Errno 28\b|Disk quota exceeded|EDQUOT/i;
const access = /EACCES|EPERM|EROFS|Permission denied|Read-only file system/i;
const network =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|NewConnectionError|NameResolutionError|Temporary failure in name resolution|Connection ?Error|Connection broken|Connection refused|ProxyError|SSLError|ReadTimeout|ConnectTimeout|Max retries exceeded|Could not fetch URL/i;

/**
 * Turns a failed command's output into the one line that says what is wrong and what mends it.
 * @param {string} doing what the command was for, as in "installing the npm packages"
 * @param {string} output what it printed
 * @param {string} log where all of it was kept
 * @returns {SetupError}
 */
export function explainFailure(doing, output, log) {
  const again = 'npm run setup';
  if (disk.test(output)) {
    return new SetupError(`the disk is full while ${doing}`, `free some space (df -h .), then ${again}`);
  }
  if (network.test(output)) {
    return new SetupError(
      `the network did not answer while ${doing}`,
      `check the connection and proxy that npm and pip are configured with, then ${again}`,
    );
  }
  if (access.test(output)) {
    const line = output.split('\n').find((text) => access.test(text)) ?? '';
    return new SetupError(`no permission while ${doing} (${line.trim()})`, `make it writable, then ${again}`);
  }
  const lines = output.split('\n').filter((text) => text.trim() !== '');
  const told = lines.findLast((text) => /error/i.test(text)) ?? lines.at(-1) ?? 'it printed nothing';
  return new SetupError(`${doing} failed: ${told.trim()}`, `see ${log}, then ${again}`);
}
