import { type CalibrationRow, type Design, designs } from './calibration';
import { gapMeasures } from './embeddingGap';
import type { Measure } from './measure';

const headings: Readonly<Record<Design['asks'], readonly [title: string, text: string]>> = {
  rejection: [
    'Tests under the null',
    'Share of draws in which a permutation test of two samples of one distribution gives p ≤ 0.05. It holds between 3.5 % and 6.5 % (statistics with few values: at most 6.5 %).',
  ],
  coverage: [
    'Intervals',
    'Share of draws whose 95 % interval holds the statistic’s mean over all draws. It holds from 92 % on.',
  ],
  power: [
    'Power',
    'Share of draws in which the test finds a planted change (p ≤ 0.05), 50 prompt vectors against 2,000 tokens in sentences of 10. Measures that cannot see it are to find it in 10 % at most, those that can to find the largest in 80 % at least; linear probes and k-NN purity see a factor in some shapes only and promise nothing of it.',
  ],
};

const percent = ({ share, holds }: CalibrationRow): string =>
  `${(100 * share).toFixed(1)} %${holds === false ? ' **no**' : ''}`;

/** The calibration's tables as Markdown: a measure a row, a design a column; shares that break their promise say so. */
export function calibrationTable(rows: readonly CalibrationRow[]): string {
  const names = Object.keys(gapMeasures) as (keyof typeof gapMeasures)[];
  const parts = (Object.keys(headings) as Design['asks'][]).flatMap((asks) => {
    const own = rows.filter((row) => row.asks === asks);
    const columnNames = designs
      .map(({ name }) => name)
      .filter((name, i) => designs[i]?.asks === asks && own.some(({ design }) => design === name));
    if (columnNames.length === 0) return [];
    const cell = (measure: string, design: string): string => {
      const row = own.find((one) => one.measure === measure && one.design === design);
      return row === undefined ? '' : percent(row);
    };
    const draws = columnNames.map((design) =>
      String(Math.max(...own.filter((row) => row.design === design).map((row) => row.draws))),
    );
    const lines = names
      .filter((measure) => own.some((row) => row.measure === measure))
      .map((measure) => [measure, ...columnNames.map((design) => cell(measure, design))]);
    const table = [
      ['measure', ...columnNames],
      ['---', ...columnNames.map(() => '---')],
      ...lines,
      ['draws', ...draws],
    ];
    const [title, text] = headings[asks];
    return [`## ${title}`, text, table.map((line) => `| ${line.join(' | ')} |`).join('\n')];
  });
  const without = names.flatMap((name) => {
    const { withoutInterval, untested }: Measure = gapMeasures[name];
    return [
      ...(withoutInterval === undefined ? [] : [`- \`${name}\` has no interval: ${withoutInterval}.`]),
      ...(untested === undefined ? [] : [`- \`${name}\` has no test: ${untested}.`]),
    ];
  });
  return [
    '# Calibration of the gap measures',
    'Drawn by `npm run calibrate`: normal vectors in 128 dimensions whose spread falls off and whose mean is not zero; tokens of a sentence (10) share 30 % of their variance. 50 prompt vectors against 300 input vectors unless a table says otherwise.',
    ...parts,
    '## Without',
    without.join('\n'),
    '',
  ].join('\n\n');
}
