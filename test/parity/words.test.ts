import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { metricNamed } from '../../src/metrics';
import { corpusScore } from '../../src/metrics/corpusScore';
import { random } from '../../src/tensor/random';
import { type Corpus, randomCorpora } from './corpora';
import { peers } from './askPython';
import { askPeers, expectClose, expectStored, type MetricCase, storedAnswers } from './metricPeers';

type Rouge = Readonly<Record<'rouge1' | 'rouge2' | 'rougeL', number>>;
type Meteor = { readonly score: number };

const hasWordNet = existsSync(`${process.env['SPT_WORDNET'] ?? '/usr/share/wordnet'}/data.noun`);

/** Words whose stems and synonyms meet, in texts that share some. */
const vocabulary =
  'the a restaurant eatery restaurants cheap inexpensive cheaply serving serves served food foods nutrient children kids ' +
  'child friendly family families situated located locate location near nearby big large larger largest car automobile ' +
  'autos quickly quick happy happily happiness flies dying skies news national rational relational conditional hopping ' +
  'hoped falling engineering universities university men women better best good well ran running runs 20 5-star Café';

function relatedCorpora(count: number, seed: number): Corpus[] {
  const rng = random(seed).fork('words');
  const text = (): string =>
    Array.from({ length: 1 + rng.integer(14) }, () => rng.choice(vocabulary.split(' '))).join(' ');
  return Array.from({ length: count }, () => ({
    hypotheses: [text(), text(), text()],
    references: [[text()], [text(), null, text()], [text(), text()]],
  }));
}

const cases = (peer: string, count: number, seed: number): MetricCase[] =>
  [...randomCorpora(count, seed, 'words'), ...relatedCorpora(count, seed)].map((corpus) => ({
    ...corpus,
    peer,
  }));

const score = (name: string, { hypotheses, references }: MetricCase): number =>
  corpusScore(metricNamed(name), hypotheses, references, { draws: 1 }).score;

const expectRouge = (given: readonly MetricCase[], answers: readonly Rouge[]): void =>
  expectClose(given, answers, (one, answer) => [
    [score('rouge-1', one) / 100, answer.rouge1],
    [score('rouge-2', one) / 100, answer.rouge2],
    [score('rouge-l', one) / 100, answer.rougeL],
  ]);

const expectMeteor = (given: readonly MetricCase[], answers: readonly Meteor[]): void =>
  expectClose(given, answers, (one, answer) => [[score('meteor-nltk', one), answer.score]]);

test('ROUGE equals the stored answers of rouge-score 0.1.2', () => {
  const stored = storedAnswers<Rouge>('rouge');
  expect(stored.cases).toHaveLength(40);
  expectRouge(stored.cases, stored.answers);
});

test.skipIf(!hasWordNet)("METEOR equals the stored answers of NLTK's (WordNet is there)", () => {
  const stored = storedAnswers<Meteor>('meteor');
  expect(stored.cases).toHaveLength(40);
  expectMeteor(stored.cases, stored.answers);
});

describe.skipIf(peers === undefined)('live (SPT_PEERS is set)', { timeout: 600_000 }, () => {
  test('rouge-score: 1,000 random corpora, hostile and of related words', () => {
    const given = cases('rouge', 500, 1);
    const answers = askPeers<Rouge>(given);
    expect(answers.filter(({ rouge2 }) => rouge2 > 0.01).length).toBeGreaterThan(300);
    expectRouge(given, answers);
    expectStored('rouge', cases('rouge', 20, 0));
  });

  test.skipIf(!hasWordNet)(
    "NLTK's METEOR: 240 random corpora, hostile and of related words (WordNet is there)",
    () => {
      const given = cases('meteor', 120, 1);
      const answers = askPeers<Meteor>(given);
      expect(answers.filter((answer) => answer.score > 0.1).length).toBeGreaterThan(80);
      expectMeteor(given, answers);
      expectStored('meteor', cases('meteor', 20, 0));
    },
  );
});
