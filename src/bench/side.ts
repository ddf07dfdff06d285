import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SptError } from '../errors';
import type { Request } from './task';

/** One of the two that are compared: a process that answers one JSON line for each that it is sent. */
export type Side = {
  /** @throws SptError saying what the side said, or that it ended. */
  ask<Answer>(request: Request): Promise<Answer>;
  /** Ends the process and waits until it is gone. */
  close(): Promise<void>;
};

/** Starts a side; `name` is what errors call it. */
export function startSide(
  name: string,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Side {
  const child = spawn(command, args, { env: { ...process.env, ...environment } });
  let said = '';
  let problem = '';
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-10_000)));
  child.on('error', (error) => (problem = `${command}: ${error.message}`));
  // A side that has died is noticed by its exit; the pipe's own error says less.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ending = (): string => {
    const last = said.trim().split('\n').at(-1) ?? '';
    return problem === '' ? last : problem;
  };
  return {
    ask: async <Answer>(request: Request): Promise<Answer> => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await lines.next();
      if (line.done === true) {
        await ended;
        throw new SptError(`bench: ${name} ended: ${ending()}`);
      }
      const answer = JSON.parse(line.value) as Answer | { readonly error: string };
      if (typeof answer === 'object' && answer !== null && 'error' in answer)
        throw new SptError(`bench: ${name}: ${answer.error}`);
      return answer;
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
