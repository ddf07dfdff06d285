import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bleu, bleuDefaults } from '../../src/metrics/bleu';
import { readTask } from '../../src/tasks';
import { random } from '../../src/tensor/random';
import { askPython, peers } from './askPython';
import { type BleuAnswer, type BleuCase, bleuCases } from './bleuCases';

const published = join(__dirname, '..', '..', '..', 'shared', 'data');
const fixtureFile = join(__dirname, 'bleu.json');

const sacrebleu = (cases: readonly BleuCase[]): BleuAnswer[] => askPython('bleu.py', cases);

function expectEqual(cases: readonly BleuCase[], answers: readonly BleuAnswer[]): void {
  expect(answers).toHaveLength(cases.length);
  cases.forEach(({ hypotheses, references, config }, i) => {
    const ours = bleu(hypotheses, references, config);
    const theirs = answers[i] as BleuAnswer;
    const shown = JSON.stringify(cases[i]);
    expect(ours.signature, shown).toBe(theirs.signature);
    expect([ours.hypothesisLength, ours.referenceLength], shown).toEqual([
      theirs.hypothesisLength,
      theirs.referenceLength,
    ]);
    [ours.score, ours.brevityPenalty, ...ours.precisions].forEach((value, k) =>
      expect(
        Math.abs(value - ([theirs.score, theirs.brevityPenalty, ...theirs.precisions][k] as number)),
        shown,
      ).toBeLessThan(1e-9),
    );
  });
}

/** Outputs like a system's: another reference of the same MR, cut or changed; the rest are its references. */
function e2eCase(lowercase: boolean): BleuCase {
  const rng = random(5);
  const items = readTask('e2e', 'dev', published).map(({ references }) => {
    const [output = '', ...rest] = rng.shuffle(references);
    const words = output.split(' ').filter(() => rng.uniform() > 0.05);
    return { output: rng.uniform() < 0.02 ? '' : words.join(' '), rest: rest.length > 0 ? rest : [output] };
  });
  return {
    hypotheses: items.map((item) => item.output),
    references: items.map((item) => item.rest),
    config: { ...bleuDefaults, lowercase },
  };
}

test('equals the stored answers of sacrebleu 2.6', () => {
  const { cases, answers } = JSON.parse(readFileSync(fixtureFile, 'utf8')) as {
    readonly cases: readonly BleuCase[];
    readonly answers: readonly BleuAnswer[];
  };
  expect(cases.length).toBe(60);
  expectEqual(cases, answers);
});

describe.skipIf(peers === undefined)('sacrebleu, live (SPT_PEERS is set)', () => {
  test('4,000 random corpora, plain and hostile, every option', () => {
    const cases = bleuCases(4000, 1);
    const answers = sacrebleu(cases);
    expect(answers.filter((answer) => answer.score > 1).length).toBeGreaterThan(1500);
    expectEqual(cases, answers);
  });

  test('the stored answers are what sacrebleu says today', () => {
    const cases = bleuCases(60, 0);
    const text = JSON.stringify({
      made: 'by test/parity/bleu.test.ts with sacrebleu 2.6.0 and SPT_FIXTURES=write',
      cases,
      answers: sacrebleu(cases),
    });
    if (process.env['SPT_FIXTURES'] === 'write') writeFileSync(fixtureFile, `${text}\n`);
    expect(JSON.parse(readFileSync(fixtureFile, 'utf8'))).toEqual(JSON.parse(text));
  });

  test.skipIf(!existsSync(published)).each([[false], [true]])(
    'E2E outputs with several references (../shared/data is there), lower case: %s',
    (lowercase) => {
      const one = e2eCase(lowercase);
      const [answer] = sacrebleu([one]);
      expect(answer?.signature).toContain('nrefs:var');
      expect(answer?.score).toBeGreaterThan(20);
      expectEqual([one], answer === undefined ? [] : [answer]);
    },
  );
});
