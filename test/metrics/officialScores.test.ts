import { describe, expect, test } from 'vitest';
import { corpusScore } from '../../src/metrics/corpusScore';
import { dartText } from '../../src/metrics/dartText';
import { metricNamed } from '../../src/metrics';
import type { References } from '../../src/metrics/metric';
import { nltkWords } from '../../src/metrics/nltkWords';
import { protocolNamed } from '../../src/metrics/protocols';
import { ptbWords } from '../../src/metrics/ptbWords';
import { pyterEdits } from '../../src/metrics/terMinimum';

const score = (name: string, hypotheses: readonly string[], references: References): number =>
  corpusScore(metricNamed(name), hypotheses, references, { draws: 1 }).score;

describe('multi-bleu', () => {
  test('a missing reference is one of length 0, in the line too', () => {
    const line = (references: References): string | undefined =>
      corpusScore(metricNamed('multi-bleu'), ['a b c d'], references, { draws: 1 }).line;
    // 4 words against 9: BP exp(1 - 9/4); the empty line's length 0 is nearer to 4 than 9 is.
    expect(line([['a b c d e f g h i']])).toBe(
      'BLEU = 28.65, 100.0/100.0/100.0/100.0 (BP=0.287, ratio=0.444, hyp_len=4, ref_len=9)',
    );
    expect(line([['a b c d e f g h i', null]])).toBe(
      'BLEU = 0, 0/0/0/0 (BP=0, ratio=0, hyp_len=0, ref_len=0)',
    );
  });

  test('items with fewer references than others are padded, as files are', () => {
    const { line } = corpusScore(
      metricNamed('multi-bleu'),
      ['a b', 'a b c d e'],
      [['a b c d e f'], ['a b c d e', 'x']],
      {
        draws: 1,
      },
    );
    expect(line).toContain('hyp_len=7, ref_len=5');
  });

  test('halves are printed as C prints them, and case and white space beyond ASCII count', () => {
    const hypothesis = `${'x '.repeat(5)}${'y '.repeat(11)}`;
    const { line } = corpusScore(
      metricNamed('multi-bleu'),
      [hypothesis],
      [['x '.repeat(5) + 'z '.repeat(11)]],
      {
        draws: 1,
      },
    );
    // 5 of 16 words: 31.25 goes to the even digit.
    expect(line).toContain(', 31.2/');
    expect(score('multi-bleu', ['A b c d'], [['a b c d']])).toBe(0);
    expect(score('multi-bleu', ['a\u00a0b c d'], [['a b c d']])).toBe(0);
  });

  test('detok splits punctuation off', () => {
    expect(
      score('multi-bleu-detok', ['It is cheap, near Aromi.'], [['It is cheap , near Aromi .']]),
    ).toBeCloseTo(100, 9);
  });
});

describe('NIST', () => {
  test('by hand: the information of what matches, over n-grams', () => {
    // Each word once in 4: log2(4/1) = 2; each bigram follows its word: log2(1/1) = 0.
    expect(score('nist', ['a b c d'], [['a b c d']])).toBeCloseTo(2, 12);
    // 3 of 3 words; ratio 3/4: penalty exp(ln 0.5 / ln(1.5)^2 * ln(0.75)^2).
    const penalty = Math.exp((Math.log(0.5) / Math.log(1.5) ** 2) * Math.log(0.75) ** 2);
    expect(score('nist', ['a b c'], [['a b c d']])).toBeCloseTo(2 * penalty, 12);
  });

  test('with varying numbers of references, their mean number divides their words', () => {
    // 12 reference words, (2 + 1) / 2 references an item: 8 words against 8, no penalty.
    const references = [['a b c d', 'a b c d'], ['e f g h']];
    const informed = Math.log2(12 / 2) * 4 + Math.log2(12) * 4;
    expect(score('nist', ['a b c d', 'e f g h'], references)).toBeCloseTo(informed / 8, 12);
  });
});

describe("WebNLG's TER", () => {
  test('a shift is one edit; the smallest rate over the references; a missing one caps it', () => {
    expect(pyterEdits('c d a b'.split(' '), 'a b c d'.split(' '))).toBe(1);
    expect(score('ter-webnlg', ['c d a b'], [['x y z w', 'a b c d']])).toBeCloseTo(25, 12);
    expect(score('ter-webnlg', ['a b c d e f g'], [['x y']])).toBeCloseTo(350, 12);
    expect(score('ter-webnlg', ['a b c d e f g'], [['x y', null]])).toBeCloseTo(100, 12);
  });

  test("NLTK's words: periods at sentence ends, not after abbreviations", () => {
    expect(nltkWords('He met Mr. Smith in St. Louis. It was "fun", wasn\'t it?')).toEqual(
      "He met Mr. Smith in St. Louis . It was `` fun '' , was n't it ?".split(' '),
    );
  });
});

test("coco-caption's words: contractions, prices, abbreviations, brackets", () => {
  expect(ptbWords("It's £20-25 (cheap) near St. John's; cannot miss, don't.")).toEqual(
    "it 's # 20-25 -lrb- cheap -rrb- near st. john 's ; can not miss , do n't .".split(' '),
  );
});

describe('a text made like its references scores 100, 100, 10 and 0', () => {
  const texts = [
    'The Vaults is a cheap pub near Café Adriatic.',
    'Cocum serves Italian food in the city centre, with a high customer rating.',
    'There is a family-friendly coffee shop called Aromi at the riverside.',
  ];
  const references = texts.map((text) => [text, null]);
  test.each([
    ['e2e', { bleu: 100, 'rouge-l': 100, cider: 10 }],
    ['webnlg', { bleu: 100, 'chrf++': 100, ter: 0 }],
    ['dart', { bleu: 100, ter: 0 }],
  ] as const)('%s', (protocol, expected) => {
    const { metrics } = protocolNamed(protocol);
    for (const [key, value] of Object.entries(expected))
      expect(corpusScore(metrics[key] as never, texts, references, { draws: 1 }).score, key).toBeCloseTo(
        value,
        9,
      );
  });
});

test("DART's TER is against the first reference file only", () => {
  const { ter } = protocolNamed('dart').metrics;
  const result = corpusScore(ter as never, ['a b c d'], [['a x c y', 'a b c d']], { draws: 1 });
  expect(result.score).toBeCloseTo(50, 12);
  expect(result.signature).toContain('refs:first');
});

test("a text is made like DART's references", () => {
  expect(dartText('McCain got 65.38% in Hawaii Five-O, the N·m of nm_014157.3')).toBe(
    'mccain got 65 . 38 % in hawaii five - o , the n · m of nm_014157 . 3',
  );
});

test('METEOR names what is missing where WordNet is not there', () => {
  const before = process.env['SPT_WORDNET'];
  process.env['SPT_WORDNET'] = '/nowhere';
  try {
    expect(() => score('meteor-nltk', ['a car'], [['an automobile']])).toThrow(
      /^\/nowhere: METEOR needs the files of WordNet 3\.0 there; .*wordnet-base/,
    );
  } finally {
    if (before === undefined) delete process.env['SPT_WORDNET'];
    else process.env['SPT_WORDNET'] = before;
  }
});
