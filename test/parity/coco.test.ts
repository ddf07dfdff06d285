import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { cider } from '../../src/metrics/cider';
import { cocoWords } from '../../src/metrics/cocoWords';
import { corpusScore } from '../../src/metrics/corpusScore';
import { rougeLCoco } from '../../src/metrics/rougeLCoco';
import { randomCorpora } from './corpora';
import { peers } from './askPython';
import { askPeers, expectClose, expectStored, type MetricCase, storedAnswers } from './metricPeers';
import { ptbTexts } from './ptbTexts';

type Answer = { readonly rougeL: number; readonly cider: number };
type Tokens = { readonly texts: readonly string[] };
/** What a corpus was before its words were found. */
type Raw = { readonly raw: { readonly hypotheses: string[]; readonly references: string[][] } };

/** Corpora of found words, as coco-caption's scorers want them. */
function cases(count: number, seed: number): (MetricCase & Raw)[] {
  return randomCorpora(count, seed, 'coco').map(({ hypotheses, references }) => {
    const present = references.map((item) => item.filter((text) => text !== null));
    const found = (texts: readonly string[]): string[] => cocoWords(texts).map((words) => words.join(' '));
    const words = found(present.flat());
    let start = 0;
    return {
      peer: 'coco',
      hypotheses: found(hypotheses),
      references: present.map((item) => words.slice(start, (start += item.length))),
      raw: { hypotheses: [...hypotheses], references: present },
    };
  });
}

function expectEqual(given: readonly MetricCase[], answers: readonly Answer[]): void {
  expectClose(given, answers, (one, answer) => {
    const { hypotheses, references } = (one as unknown as Raw).raw;
    const score = (metric: typeof cider): number =>
      corpusScore(metric, hypotheses, references, { draws: 1 }).score;
    return [
      [score(rougeLCoco) / 100, answer.rougeL],
      [score(cider), answer.cider],
    ];
  });
}

const ptbCase: MetricCase = { peer: 'ptb', hypotheses: ptbTexts, references: [] };
const hasJava = ((): boolean => {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test("words equal the stored ones of coco-caption's tokenizer", () => {
  const { answers } = storedAnswers<Tokens>('ptb');
  const ours = cocoWords(ptbTexts).map((words) => words.join(' '));
  expect(ours).toEqual(answers[0]?.texts);
});

test('ROUGE-L and CIDEr equal the stored answers of pycocoevalcap 1.2', () => {
  const stored = storedAnswers<Answer>('coco');
  expect(stored.cases).toHaveLength(40);
  expectEqual(stored.cases, stored.answers);
});

describe.skipIf(peers === undefined)('pycocoevalcap, live (SPT_PEERS is set)', { timeout: 600_000 }, () => {
  test('ROUGE-L and CIDEr: 1,500 random corpora, plain and hostile', () => {
    const given = cases(1500, 1);
    const answers = askPeers<Answer>(given);
    expect(answers.filter((answer) => answer.rougeL > 0.1).length).toBeGreaterThan(700);
    expectEqual(given, answers);
  });

  test('the stored answers are what pycocoevalcap says today', () => expectStored('coco', cases(40, 0)));

  test.skipIf(!hasJava)(
    "the stored words are what coco-caption's tokenizer finds today (Java is there)",
    () => expectStored('ptb', [ptbCase]),
  );
});
