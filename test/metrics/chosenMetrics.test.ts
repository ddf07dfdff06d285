import { describe, expect, test } from 'vitest';
import { chosenMetrics } from '../../src/metrics/chosenMetrics';
import { corpusScore } from '../../src/metrics/corpusScore';
import { dartText } from '../../src/metrics/dartText';
import { labelledScore } from '../../src/metrics/labelledScore';
import { metricNamed } from '../../src/metrics';
import type { Metric, References } from '../../src/metrics/metric';
import { protocols, type ProtocolName } from '../../src/metrics/protocols';

const texts = ['McCain won 65.38%,\nin Hawaii.', 'The Vaults (a pub) is near Café Adriatic.', 'It is'];
const references = [
  ['McCain got 65.38% in Hawaii.', 'Hawaii gave McCain 65.38%.', 'x', 'y', 'McCain won 65.38%, in Hawaii.'],
  ['The Vaults is a pub near Café Adriatic.'],
  ['It is a pub.', 'It is'],
];

const scores = (
  metrics: Readonly<Record<string, Metric>>,
  hypotheses: readonly string[],
  items: References,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).map(([key, metric]) => [
      key,
      corpusScore(metric, hypotheses, items, { draws: 1 }).score,
    ]),
  );

describe('chosenMetrics', () => {
  test("a model's outputs score what the files made of them score", () => {
    const counts: Readonly<Record<ProtocolName, number>> = { e2e: 5, webnlg: 4, dart: 3 };
    for (const [protocol, count] of Object.entries(counts)) {
      const made = protocol === 'dart' ? dartText : (text: string): string => text.replace('\n', ' ');
      // As files hold them: every item has as many references, null where the line is empty.
      const files = references.map((item) =>
        Array.from({ length: count }, (_, i) => (item[i] === undefined ? null : made(item[i]))),
      );
      const choice = { metrics: [], protocol };
      const found = scores(chosenMetrics(choice, 'outputs'), texts, references);
      expect(found, protocol).toEqual(scores(chosenMetrics(choice, 'files'), texts.map(made), files));
      expect(Object.keys(found)).toEqual(Object.keys(protocols[protocol as ProtocolName].metrics));
    }
  });

  test("DART's outputs are made like its references, which its signature says", () => {
    const [output, reference] = [['A PUB, near it.'], [['a pub , near it .']]];
    const choice = { metrics: ['ter-webnlg'], protocol: 'dart' };
    const found = (of: 'files' | 'outputs'): Readonly<Record<string, number>> =>
      scores(chosenMetrics(choice, of), output, reference);
    expect(found('outputs')['bleu']).toBeCloseTo(100, 9);
    expect(found('outputs')['ter']).toBe(0);
    expect(found('files')['bleu']).toBe(0);
    // A metric named beside the protocol takes the texts as they are.
    expect(found('outputs')['ter-webnlg']).toBe(found('files')['ter-webnlg']);
    expect(found('outputs')['ter-webnlg']).toBeGreaterThan(0);
    const signature = (of: 'files' | 'outputs'): string | undefined =>
      chosenMetrics(choice, of)['bleu']?.signature(references);
    expect(signature('outputs')).toBe(
      'nrefs:var|case:mixed|tok:none|smooth:none|script:multi-bleu|text:dart',
    );
    expect(signature('files')).toBe('nrefs:var|case:mixed|tok:none|smooth:none|script:multi-bleu');
  });

  test('references beyond those that a script reads do not count', () => {
    const choice = { metrics: [], protocol: 'webnlg' };
    const exact = [['no', 'no', 'no', 'no', 'a b c d e']];
    expect(scores(chosenMetrics(choice, 'outputs'), ['a b c d e'], exact)['bleu']).toBe(0);
    expect(scores(chosenMetrics(choice, 'files'), ['a b c d e'], exact)['bleu']).toBeCloseTo(100, 9);
    expect(chosenMetrics(choice, 'outputs')['chrf++']?.signature(exact)).toContain('nrefs:4|');
  });

  test('a name that is a key of the protocol too, and an unknown protocol, are refused', () => {
    expect(() => chosenMetrics({ metrics: ['chrf', 'ter'], protocol: 'dart' }, 'outputs')).toThrow(
      '--metrics: ter is a key of --protocol dart; score it in a call of its own',
    );
    expect(() => chosenMetrics({ metrics: [], protocol: 'wmt' }, 'outputs')).toThrow(
      'protocol: must be one of e2e, webnlg, dart; found wmt',
    );
  });
});

describe('labelledScore', () => {
  const labels = ['seen', 'unseen entities', 'seen'];

  test("beside the whole, each label's items as a corpus of their own", () => {
    const bleu = metricNamed('bleu');
    const found = labelledScore(bleu, texts, references, labels);
    expect(found).toMatchObject(corpusScore(bleu, texts, references));
    const own = [0, 2].map((i) => [texts[i], references[i]] as [string, string[]]);
    expect(found.byLabel).toEqual({
      seen: corpusScore(
        bleu,
        own.map(([text]) => text),
        own.map(([, item]) => item),
      ),
      'unseen entities': corpusScore(bleu, texts.slice(1, 2), references.slice(1, 2)),
    });
  });

  test('an item without a label counts for the whole alone; without labels there is only that', () => {
    const bleu = metricNamed('bleu');
    const some = labelledScore(bleu, texts, references, ['seen', undefined, 'seen']);
    expect([some.n, some.byLabel?.['seen']?.n, Object.keys(some.byLabel ?? {})]).toEqual([3, 2, ['seen']]);
    expect(labelledScore(bleu, texts, references, [undefined, undefined, undefined])).toEqual(
      corpusScore(bleu, texts, references),
    );
  });

  test('a label keeps the files of references that all items need: an empty line is one of length 0', () => {
    const multiBleu = metricNamed('multi-bleu');
    const found = labelledScore(multiBleu, ['a b c d', 'a'], [['a b c d e f g h i'], ['a', 'b']], ['x', 'y']);
    // Against a lone reference of 9 words the penalty would leave 28.65.
    expect(found.byLabel?.['x']?.line).toBe('BLEU = 0, 0/0/0/0 (BP=0, ratio=0, hyp_len=0, ref_len=0)');
  });
});
