import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const cli = join(root, 'dist', 'cli.js');

/** When the newest file below a folder was written. */
function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/** Builds `dist` where it is older than the sources, so that what the tests drive is what they stand beside. */
export function build(): void {
  const built = statSync(cli, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newest(join(root, 'src'))) return;
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '--project', join(root, 'tsconfig.json')], { stdio: 'inherit' });
}

export type Result = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the built command line. */
export function spt(
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...env },
    maxBuffer: 2 ** 28,
  });
  return { status, stdout, stderr };
}

/** Runs the built command line and presses Ctrl-C once something is the case. */
export async function interrupt(args: readonly string[], isTime: () => boolean): Promise<Result> {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const watch = setInterval(() => {
    if (!isTime()) return;
    clearInterval(watch);
    child.kill('SIGINT');
  }, 20);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(watch);
  return { status, stdout, stderr };
}

/** Runs a shell command in which `spt` is the built command line. */
export function shell(command: string): Result {
  const script = `spt() { "${process.execPath}" "${cli}" "$@"; }; ${command}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** JSON Lines as values. */
export function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}
