import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Python that the peers are installed in; undefined where there is none. */
export const peers = process.env['SPT_PEERS'];

/** What a script of this folder answers to each case: one JSON line in, one out. */
export function askPython<Answer>(script: string, cases: readonly unknown[]): Answer[] {
  const output = execFileSync(peers as string, [join(__dirname, script)], {
    input: cases.map((one) => `${JSON.stringify(one)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, PYTHONIOENCODING: 'utf8', OMP_NUM_THREADS: '1' },
  });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

const keptFile = (name: string): string => join(__dirname, `${name}.json`);

/** The answers kept in `NAME.json`. */
export function keptAnswers<Answer>(name: string): readonly Answer[] {
  return (JSON.parse(readFileSync(keptFile(name), 'utf8')) as { readonly answers: readonly Answer[] })
    .answers;
}

/** Keeps answers in `NAME.json` where SPT_FIXTURES=write asks for it. */
export function keepAnswers(name: string, answers: readonly unknown[]): void {
  if (process.env['SPT_FIXTURES'] !== 'write') return;
  const made = `by test/parity/${name}.test.ts with SPT_FIXTURES=write`;
  writeFileSync(keptFile(name), `${JSON.stringify({ made, answers })}\n`);
}
