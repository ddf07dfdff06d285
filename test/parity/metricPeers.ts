import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { askPython } from './askPython';
import type { Corpus } from './corpora';

/** A corpus for one of the peers of `metrics.py`, with its options. */
export type MetricCase = Corpus & { readonly peer: string } & Readonly<Record<string, unknown>>;

/** What the peers say of the cases. */
export function askPeers<Answer>(cases: readonly MetricCase[]): Answer[] {
  return askPython('metrics.py', cases);
}

type Fixture<Answer> = { readonly cases: readonly MetricCase[]; readonly answers: readonly Answer[] };

const fixtureFile = (name: string): string => join(__dirname, 'metrics', `${name}.json`);

/** The cases kept in `metrics/NAME.json` and what the peer said of them when they were made. */
export function storedAnswers<Answer>(name: string): Fixture<Answer> {
  return JSON.parse(readFileSync(fixtureFile(name), 'utf8')) as Fixture<Answer>;
}

/** Holds the kept answers to what the peer says today; SPT_FIXTURES=write makes them anew. */
export function expectStored(name: string, cases: readonly MetricCase[]): void {
  const text = JSON.stringify({
    made: 'by test/parity with metrics.py and SPT_FIXTURES=write',
    cases,
    answers: askPeers(cases),
  });
  if (process.env['SPT_FIXTURES'] === 'write') writeFileSync(fixtureFile(name), `${text}\n`);
  expect(JSON.parse(readFileSync(fixtureFile(name), 'utf8'))).toEqual(JSON.parse(text));
}

/** Every answer's number within `tolerance` of ours. */
export function expectClose<Answer>(
  cases: readonly MetricCase[],
  answers: readonly Answer[],
  numbers: (one: MetricCase, answer: Answer) => readonly (readonly [ours: number, theirs: number])[],
  tolerance = 1e-9,
): void {
  expect(answers).toHaveLength(cases.length);
  cases.forEach((one, i) => {
    for (const [ours, theirs] of numbers(one, answers[i] as Answer))
      expect(Math.abs(ours - theirs), JSON.stringify(one)).toBeLessThan(tolerance);
  });
}
