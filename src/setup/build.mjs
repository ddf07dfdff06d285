import fs from 'node:fs';
import path from 'node:path';
import { runProgram } from './command.mjs';
import { SetupError } from './problem.mjs';

/**
 * Name, size and time of every file that the compiler reads.
 * @param {string} root
 * @returns {string[]}
 */
export function sourceState(root) {
  const files = fs.readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((name) => /\.(ts|json)$/.test(name)).map((name) => path.join('src', name));
  return ['package-lock.json', 'tsconfig.json', ...sources.sort()].map((name) => {
    const { size, mtimeMs } = fs.statSync(path.join(root, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}

/**
 * Compiles src/ to dist/, which the command line and the notebooks import.
 * @param {string} root
 * @returns {import('./runSteps.mjs').Step}
 */
export function build(root) {
  const dist = path.join(root, 'dist');
  const log = path.join(root, '.setup', 'logs', 'build.log');
  return {
    name: 'build',
    does: () => 'dist/ (tsc)',
    megabytes: 50,
    inputs: () => [root, ...sourceState(root)],
    outputs: () => [dist],
    run: async () => {
      const beside = `${dist}.partial`;
      const old = `${dist}.old`;
      for (const folder of [beside, old]) fs.rmSync(folder, { recursive: true, force: true });
      const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const args = [tsc, '--project', root, '--outDir', beside, '--noEmitOnError', '--pretty', 'false'];
      const { status, output } = await runProgram(process.execPath, args, { cwd: root, log });
      if (status !== 0) {
        const lines = output.trim().split('\n');
        const more = lines.length > 1 ? ` (and ${lines.length - 1} lines more in ${log})` : '';
        throw new SetupError(
          `src/ does not compile: ${lines[0] ?? ''}${more}`,
          'npm run typecheck shows all',
        );
      }
      if (fs.existsSync(dist)) fs.renameSync(dist, old);
      fs.renameSync(beside, dist);
      fs.rmSync(old, { recursive: true, force: true });
    },
  };
}
