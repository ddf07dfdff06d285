import { describe, expect, test } from 'vitest';
import { type ChrfConfig, chrfDefaults, chrfMetric } from '../../src/metrics/chrf';
import { corpusScore } from '../../src/metrics/corpusScore';
import { type TerConfig, terDefaults, terMetric } from '../../src/metrics/ter';
import { randomCorpora } from './corpora';
import { peers } from './askPython';
import { askPeers, expectClose, expectStored, type MetricCase, storedAnswers } from './metricPeers';

type Answer = { readonly score: number; readonly signature: string };

const chrfConfigs: readonly Partial<ChrfConfig>[] = [
  {},
  { wordOrder: 2 },
  { wordOrder: 2, epsilonSmoothing: true },
  { epsilonSmoothing: true, lowercase: true },
  { wordOrder: 1, beta: 3, whitespace: true },
  { charOrder: 4, wordOrder: 2, beta: 1 },
];
const terConfigs: readonly TerConfig[] = [
  terDefaults,
  { ...terDefaults, caseSensitive: true },
  { ...terDefaults, normalized: true },
  { ...terDefaults, normalized: true, noPunctuation: true },
];

const chrfCases = (count: number, seed: number): MetricCase[] =>
  randomCorpora(count, seed, 'chrf').map((corpus, i) => ({
    ...corpus,
    peer: 'chrf',
    ...chrfDefaults,
    ...chrfConfigs[i % chrfConfigs.length],
  }));
const terCases = (count: number, seed: number): MetricCase[] =>
  randomCorpora(count, seed, 'ter').map((corpus, i) => ({
    ...corpus,
    peer: 'ter',
    ...(terConfigs[i % terConfigs.length] as TerConfig),
  }));

function expectEqual(cases: readonly MetricCase[], answers: readonly Answer[]): void {
  expectClose(cases, answers, (one, answer) => {
    const config = one as unknown as ChrfConfig & TerConfig;
    const metric = one.peer === 'chrf' ? chrfMetric('chrf', config) : terMetric('ter', config);
    const ours = corpusScore(metric, one.hypotheses, one.references, { draws: 1 });
    expect(ours.signature).toBe(answer.signature);
    return [[ours.score, answer.score]];
  });
}

/** Texts of few words in many orders, where TER's shifts, their limits and its beam decide. */
function shuffledCases(count: number): MetricCase[] {
  return randomCorpora(count, 9, 'shuffled').map(({ references }, i) => {
    const lengths = [5, 9, 14, 30, 65];
    const vocabulary = 2 + (i % 30);
    const length = lengths[i % lengths.length] as number;
    const word = (k: number): string => `w${(k * (7 + i)) % vocabulary}`;
    const hypothesis = Array.from({ length }, (_, k) => word(k));
    const cut = (i * 13) % length;
    const moved = [...hypothesis.slice(cut), 'x', ...hypothesis.slice(0, cut)].filter(
      (_, k) => k % 11 !== i % 11,
    );
    return {
      hypotheses: [hypothesis.join(' ')],
      references: [[moved.join(' '), [...hypothesis].reverse().join(' '), ...(references[0] ?? [])]],
      peer: 'ter',
      ...terDefaults,
    };
  });
}

test.each(['chrf', 'ter'])('equals the stored answers of sacrebleu 2.6: %s', (name) => {
  const { cases, answers } = storedAnswers<Answer>(name);
  expect(cases.length).toBeGreaterThan(40);
  expectEqual(cases, answers);
});

describe.skipIf(peers === undefined)('sacrebleu, live (SPT_PEERS is set)', { timeout: 600_000 }, () => {
  test('chrF and chrF++: 1,000 random corpora, plain and hostile, every option', () => {
    const cases = chrfCases(1000, 1);
    const answers = askPeers<Answer>(cases);
    expect(answers.filter(({ score }) => score > 1).length).toBeGreaterThan(500);
    expectEqual(cases, answers);
  });

  test('TER: 1,000 random corpora, plain and hostile, every option', () => {
    const cases = terCases(1000, 1);
    const answers = askPeers<Answer>(cases);
    expect(answers.filter(({ score }) => score > 1).length).toBeGreaterThan(500);
    expectEqual(cases, answers);
  });

  test('TER: words in many orders, short and long', () => {
    const cases = shuffledCases(25);
    expectEqual(cases, askPeers<Answer>(cases));
  });

  test('the stored answers are what sacrebleu says today', () => {
    expectStored('chrf', chrfCases(48, 0));
    expectStored('ter', [...terCases(40, 0), ...shuffledCases(10)]);
  });
});
