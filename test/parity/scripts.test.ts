import { describe, expect, test } from 'vitest';
import { corpusScore } from '../../src/metrics/corpusScore';
import type { Metric } from '../../src/metrics/metric';
import { multiBleuMetric } from '../../src/metrics/multiBleu';
import { nist } from '../../src/metrics/nist';
import { nltkSentenceWords } from '../../src/metrics/nltkWords';
import { pyterEdits } from '../../src/metrics/terMinimum';
import { words } from '../../src/metrics/whitespace';
import { type Corpus, randomCorpora } from './corpora';
import { peers } from './askPython';
import { askPeers, expectClose, expectStored, type MetricCase, storedAnswers } from './metricPeers';

type Score = { readonly score: number; readonly line?: string | null };
type Words = { readonly tokens: readonly (readonly string[])[] };
type Edits = { readonly edits: readonly (number | null)[] };

const corpora = (count: number, seed: number): Corpus[] => randomCorpora(count, seed, 'scripts');
const cases = (peer: string, count: number, seed: number): MetricCase[] =>
  corpora(count, seed).map((corpus, i) => ({ ...corpus, peer, tokenize: i % 2 === 0 ? 'none' : '13a' }));

function metricOf(one: MetricCase): Metric {
  return one.peer === 'multi-bleu' ? multiBleuMetric('b', one['tokenize'] as 'none' | '13a') : nist;
}

function expectScores(given: readonly MetricCase[], answers: readonly Score[]): void {
  expectClose(given, answers, (one, answer) => {
    const ours = corpusScore(metricOf(one), one.hypotheses, one.references, { draws: 1 });
    if (answer.line != null) expect(ours.line, JSON.stringify(one)).toBe(answer.line);
    return [[ours.score, answer.score]];
  });
}

function expectWords(given: readonly MetricCase[], answers: readonly Words[]): void {
  given.forEach(({ hypotheses }, i) => {
    expect(hypotheses.map(nltkSentenceWords)).toEqual(answers[i]?.tokens);
  });
}

function expectEdits(given: readonly MetricCase[], answers: readonly Edits[]): void {
  given.forEach(({ hypotheses, references }, i) => {
    const ours = hypotheses.map((text, k) => {
      const reference = words(references[k]?.[0] ?? '');
      return reference.length === 0 ? null : pyterEdits(words(text), reference);
    });
    expect(ours).toEqual(answers[i]?.edits);
  });
}

/** Each item's first reference only: what NLTK's NIST and mteval's agree on. */
const ofOne = (given: readonly MetricCase[]): MetricCase[] =>
  given
    .map((one) => ({
      ...one,
      references: one.references.map((item) => item.filter((t) => t !== null).slice(0, 1)),
    }))
    .filter(({ hypotheses, references }) =>
      // NLTK divides by zero where no text is as long as its n-grams.
      [...hypotheses, ...references.flat()].every((text) => words(text).length > 5),
    );

describe('stored answers', () => {
  test.each(['multi-bleu', 'nist'])('%s', (name) => {
    const { cases: given, answers } = storedAnswers<Score>(name);
    expect(given).toHaveLength(40);
    expectScores(given, answers);
  });
  test("NLTK's words", () => {
    const stored = storedAnswers<Words>('nltk-words');
    expectWords(stored.cases, stored.answers);
  });
  test("PyTER's edits", () => {
    const stored = storedAnswers<Edits>('pyter');
    expectEdits(stored.cases, stored.answers);
  });
});

describe.skipIf(peers === undefined)('live (SPT_PEERS is set)', { timeout: 600_000 }, () => {
  test("multi-bleu's and multi-bleu-detok's line: 500 random corpora, written down again in Python", () => {
    const given = cases('multi-bleu', 500, 1);
    const answers = askPeers<Score>(given);
    expect(answers.filter(({ score }) => score > 1).length).toBeGreaterThan(80);
    expectScores(given, answers);
  });

  test("mteval-v13a's NIST: 500 random corpora, written down again in Python", () => {
    const given = cases('nist', 500, 1);
    const answers = askPeers<Score>(given);
    expect(answers.filter(({ score }) => score > 1).length).toBeGreaterThan(200);
    expectScores(given, answers);
  });

  test("NLTK's NIST, where one reference is all there is", () => {
    const given = ofOne(cases('nltk-nist', 400, 2));
    expect(given.length).toBeGreaterThan(5);
    expectScores(given, askPeers<Score>(given));
  });

  test("NLTK's words and PyTER's edits: 400 random corpora", () => {
    const [texts, pairs] = [cases('nltk-words', 400, 3), cases('pyter', 400, 4)];
    expectWords(texts, askPeers<Words>(texts));
    expectEdits(pairs, askPeers<Edits>(pairs));
  });

  test('the stored answers are what the peers say today', () => {
    for (const name of ['multi-bleu', 'nist', 'nltk-words', 'pyter']) expectStored(name, cases(name, 40, 0));
  });
});
