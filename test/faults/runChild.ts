import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const support = join(__dirname, '../support/typescript.cjs');

/** How a process ended (null: killed), and the lines it printed. */
export type Ended = { readonly code: number | null; readonly lines: readonly string[] };

/** Runs a TypeScript file in a process of its own until its end, or kills it once `killAt` says so of a printed line. */
export async function runChild(
  file: string,
  args: readonly string[],
  killAt?: (line: string) => boolean,
  delay = 0,
): Promise<Ended> {
  const child = spawn('node', ['--require', support, join(__dirname, file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const lines: string[] = [];
  let killed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const added = text.split('\n').filter((line) => line !== '');
    lines.push(...added);
    if (killed || killAt === undefined || !added.some(killAt)) return;
    killed = true;
    void setTimeout(delay).then(() => child.kill('SIGKILL'));
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, lines };
}
