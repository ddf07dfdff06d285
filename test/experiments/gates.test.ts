import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gates } from '../../src/experiments/gates';
import { chosenSetting, promptSearch } from '../../src/experiments/promptSearch';
import { chosenRate, methodRates } from '../../src/experiments/methodRates';
import { methodTable } from '../../src/experiments/methodTable';
import { promptVsScaled } from '../../src/experiments/promptVsScaled';
import { readRows, type ResultRow } from '../../src/experiments/resultRow';
import { differenceRule, isAboveZero, judge, limitRule, risingRule } from '../../src/experiments/rule';
import { sweeps } from '../../src/experiments/sweeps';
import { resolveModel } from '../../src/model/hub';
import { methods } from '../../src/tuning';

const made = (
  row: string,
  scores: readonly (number | null)[],
  measures?: Record<string, number>,
): ResultRow => ({
  row,
  preset: 'mini',
  model: '0',
  unit: 'BLEU',
  config: {},
  n: 200,
  scores: scores.map((score, seed) => ({
    seed: scores.length === 1 ? null : seed,
    score: score ?? NaN,
    interval: scores.length === 1 ? [(score ?? 0) - 1, (score ?? 0) + 1] : null,
    ...(measures === undefined ? {} : { measures }),
  })),
  seconds: 1,
  environment: { version: '0', commit: null, backend: 'cpu', node: 'v20', platform: 'here' },
});
const verdicts = (rules: Parameters<typeof judge>[0], rows: readonly ResultRow[]): (string | undefined)[] =>
  judge(rules, rows).map(({ judged }) => judged?.verdict);

describe('rules', () => {
  it('hold a mean against a limit, with the interval beside it', () => {
    const rule = limitRule('at least 60', 'BLEU', 'a', (mean) => mean >= 60);
    const [found] = judge([rule], [made('a', [59, 61, 63])]);
    expect(found?.judged).toMatchObject({ value: 61, runs: 3, verdict: 'pass' });
    expect(found?.judged?.interval?.[0]).toBeLessThan(60);
    expect(verdicts([rule], [made('a', [59, 59, 61])])).toEqual(['fail']);
    expect(judge([rule], [made('a', [70])])[0]?.judged).toEqual({
      value: 70,
      interval: [69, 71],
      runs: 0,
      verdict: 'pass',
    });
  });

  it('say nothing while a row is missing', () => {
    const rule = differenceRule('more', 'BLEU', ['a', 'b'], isAboveZero);
    expect(judge([rule], [made('a', [1, 2])])).toEqual([{ says: 'more', unit: 'BLEU', judged: null }]);
  });

  it('pair by seed: a steady difference counts where the seeds themselves spread', () => {
    const rule = differenceRule('a above b', 'BLEU', ['a', 'b'], isAboveZero);
    expect(verdicts([rule], [made('a', [11, 21, 31.5]), made('b', [10, 20, 30])])).toEqual(['pass']);
    expect(verdicts([rule], [made('a', [31.5, 11, 21]), made('b', [10, 20, 30])])).toEqual(['fail']);
    // Five seeds against three: the three that both have; against the frozen model: all.
    const five = made('a', [1, 2, 3, 4, 5]);
    expect(judge([rule], [five, made('b', [0, 1, 2])])[0]?.judged).toMatchObject({ value: 1, runs: 3 });
    expect(judge([rule], [five, made('b', [1])])[0]?.judged).toMatchObject({ value: 2, runs: 5 });
    const other = { ...made('b', [1, 2]), scores: [{ seed: 9, score: 1, interval: null }] };
    expect(() => judge([rule], [five, other])).toThrow('rows: a and b share no seed');
  });

  it('ask of more shots that the last beats the first and that no step falls', () => {
    const names = ['5', '10', '20'];
    const rule = risingRule('more', 'BLEU', names);
    const rows = (...scores: number[][]): ResultRow[] => scores.map((own, i) => made(names[i] ?? '', own));
    expect(verdicts([rule], rows([10, 11, 12], [20, 22, 21], [30, 31, 33]))).toEqual(['pass']);
    // A step within its noise is no fall, one beyond it is; and an end that is hardly higher is no rise.
    expect(verdicts([rule], rows([10, 11, 12], [31, 33, 32], [30, 33, 33]))).toEqual(['pass']);
    expect(verdicts([rule], rows([10, 11, 12], [41, 43, 42], [30, 32, 32]))).toEqual(['fail']);
    expect(verdicts([rule], rows([10, 11, 12], [11, 12, 11], [10, 12, 15]))).toEqual(['fail']);
  });
});

describe('the gates', () => {
  const level = (name: string): number[] => {
    if (name.startsWith('frozen')) return [5];
    if (name.startsWith('step time')) return [200];
    if (!name.includes('-tuning')) return [97];
    const shots = Number(name.split(' ').at(-1));
    const top = name.startsWith('fine') ? 75 : 55;
    const mean = top - (name.includes('dart') ? 12 : 0) - 100 / shots;
    return shots === 100 ? [mean, mean + 1, mean - 1, mean, mean + 0.5] : [mean, mean + 1, mean - 1];
  };
  const good = gates.rows.map(({ name }) => made(name, level(name)));
  const failing = (change: Readonly<Record<string, number[]>>): (string | undefined)[] =>
    judge(
      gates.rules,
      good.map((row) => (change[row.row] === undefined ? row : made(row.row, change[row.row] ?? []))),
    )
      .filter(({ judged }) => judged?.verdict !== 'pass')
      .map(({ says }) => says);

  it('cover the sets, the skills, 17 runs a method and set, and the time', () => {
    const seeds = (method: string, task: string): number =>
      gates.rows
        .filter((row) => row.kind === 'tuned')
        .filter(({ experiment }) => experiment.method === method && experiment.task === task)
        .reduce((sum, { experiment }) => sum + experiment.seed.length, 0);
    for (const method of ['fine-tuning', 'prompt-tuning'])
      for (const task of ['mini-e2e', 'mini-webnlg', 'mini-dart']) expect(seeds(method, task)).toBe(17);
    expect(gates.rows.filter(({ kind }) => kind === 'frozen')).toHaveLength(6);
    expect(gates.rows.filter(({ kind }) => kind === 'skill')).toHaveLength(9);
  });

  it('pass where all holds, and each fails where its own does not', () => {
    expect(failing({})).toEqual([]);
    expect(failing({ 'frozen mini-questions': [15] })).toEqual([
      'mini-questions: the frozen model without a prompt below 15',
    ]);
    expect(failing({ 'copy unseen names': [94.5] })).toEqual([
      'copying of unseen names, exact: at least 95 %',
    ]);
    expect(failing({ 'step time prompt-tuning mini-e2e 100': [241] })).toHaveLength(1);
    expect(failing({ 'prompt-tuning mini-dart 100': [14, 14.5, 13.5, 14, 14.5] })).toEqual([
      'mini-dart, 100 shots: PT at least 10 above the frozen model',
      'mini-dart: more shots are better for PT: 100 minus 5 shots above 0, and no drop between neighbours',
    ]);
    // PT as good as FT leaves no room, and so breaks the order.
    expect(failing({ 'prompt-tuning mini-webnlg 100': [74, 75, 73, 74.5, 74.5] })).toEqual([
      'mini-webnlg, 100 shots: room left, FT minus PT: above 0',
      'mini-webnlg, 100 shots: frozen < PT < FT; the lower of both differences, both above 0',
    ]);
    expect(failing({ 'fine-tuning mini-dart 100': [80, 81, 79, 80, 80] })).toHaveLength(2);
  });

  it('tell what was measured and what was not', () => {
    const rows = good.filter(({ row }) => row !== 'fine-tuning mini-dart 20');
    const card = gates.card(rows, judge(gates.rules, rows));
    expect(card).toContain('| mini-e2e | FT | 200 | 55.0 [52.5, 57.5] |');
    expect(card).toMatch(/\| mini-dart \| FT \| 200 \| .* \| not measured \| .* \|/);
    expect(card).toContain(
      '| mini-e2e: the frozen model without a prompt below 15 | 5.0 [4.0, 6.0] BLEU |  | pass |',
    );
    expect(card).toContain('26 of 27 gates pass.');
  });
});

describe('prompt-vs-scaled', () => {
  const rows = (spt: number): ResultRow[] =>
    ['mini-e2e', 'mini-webnlg'].flatMap((task) => [
      made(`prompt-tuning ${task} 100`, [50, 51, 52], { 'prompt.centroidGap': 2 }),
      made(`scaled-prompt-tuning ${task} 100`, [50 + spt, 51 + spt, 52.1 + spt], {
        'prompt.centroidGap': 4,
        'scaled.centroidGap': task === 'mini-e2e' ? 1 : 3,
      }),
    ]);
  it('decides by where the interval lies, and for the gap by the vectors that the model reads', () => {
    const gap = ['supported', 'contradicted'];
    const of = (spt: number): (string | undefined)[] => verdicts(promptVsScaled.rules, rows(spt));
    expect(of(1)).toEqual(['supported', gap[0], 'supported', gap[1]]);
    expect(of(-1)).toEqual(['contradicted', gap[0], 'contradicted', gap[1]]);
    expect(of(-0.03)).toEqual(['undecided', gap[0], 'undecided', gap[1]]);
    const card = promptVsScaled.card(rows(1), judge(promptVsScaled.rules, rows(1)));
    expect(card).toContain('| mini-e2e | prompt-tuning | 51.0 [48.5, 53.5] | 1.00 | 3 | 200 |');
    expect(card).toContain('| mini-e2e | scaled-prompt-tuning | s ⊙ P | 1.000 [1.000, 1.000] |');
  });
});

describe('prompt-search', () => {
  const score = (name: string): number =>
    name.startsWith('adafactor 1 ') ? 60 : name.includes('batch 8') ? 59.5 : 40;
  const late = (name: string): number => (name.includes('300 steps') ? 10 : 0);
  const rows = promptSearch.rows.map(({ name }) =>
    made(name, [score(name) - late(name), score(name) - late(name)]),
  );

  it('never looks at the test split, and trains Prompt-Tuning only', () => {
    for (const row of promptSearch.rows)
      expect([row.kind, row.kind === 'tuned' && [row.split, row.experiment.method]]).toEqual([
        'tuned',
        ['dev', 'prompt-tuning'],
      ]);
  });

  it('chooses the fewest steps within a point of the best', () => {
    expect(chosenSetting(rows)).toEqual({ name: 'adafactor 1 sampledVocabulary batch 16', steps: 600 });
    expect(promptSearch.card(rows, [])).toContain(
      'among equals the best": adafactor 1 sampledVocabulary batch 16, 600 steps.',
    );
    expect(chosenSetting([])).toBeNull();
    expect(promptSearch.card([], [])).toContain('nothing yet.');
  });
});

describe('the table of all methods', () => {
  const rows = methodRates.rows.map(({ name }) =>
    made(name, name === 'lora 0.002' ? [70, 72] : name.endsWith(' 0.006') ? [60, 62] : [50, 52]),
  );

  it('takes learning rates from the dev split, the rate of the best mean, where all are measured', () => {
    for (const row of methodRates.rows)
      expect([row.kind, row.kind === 'tuned' && row.split]).toEqual(['tuned', 'dev']);
    expect([chosenRate('lora', rows), chosenRate('adapter', rows), chosenRate('ia3', rows)]).toEqual([
      0.002, 0.006, 0.007,
    ]);
    expect(chosenRate('lora', rows.slice(0, -1))).toBe(0.002);
    expect(chosenRate('bitfit', rows.slice(0, -1))).toBeNull();
    expect(methodRates.card(rows, [])).toContain(
      '| lora | 600 | 0.0007: 51.0; 0.002: 71.0; 0.006: 61.0; 0.02: 51.0; 0.06: 51.0 | 0.002 |',
    );
  });

  it('trains each searched method by what the committed rows choose', () => {
    const found = readRows(join(resolveModel('mini'), 'method-rates.jsonl'));
    const searched = methodRates.rows.flatMap((row) => (row.kind === 'tuned' ? [row.experiment] : []));
    expect(searched).toHaveLength(found.length);
    for (const { method: name, steps } of searched) {
      const usual = methods.find((method) => method.name === name)?.usualTraining;
      expect([name, usual?.learningRate.adamw, usual?.steps]).toEqual([name, chosenRate(name, found), steps]);
    }
  });

  it('has every method at both numbers of shots, on test', () => {
    expect(methodTable.rows.filter(({ name }) => name.endsWith(' 10'))).toHaveLength(methods.length);
    expect(methodTable.rows.filter(({ name }) => name.endsWith(' 100'))).toHaveLength(methods.length);
    const card = methodTable.card([made('lora 100', [50, 51, 52])], []);
    expect(card).toContain('| lora | 51.0 [48.5, 53.5] | not measured |');
  });
});

describe('every experiment', () => {
  it.each(sweeps.map((experiment) => [experiment.name, experiment] as const))(
    '%s names its rows once, and its rules name rows of its own',
    (_, { rows, rules }) => {
      const names = rows.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(rules.flatMap(({ needs }) => needs).filter((name) => !names.includes(name))).toEqual([]);
    },
  );
});
