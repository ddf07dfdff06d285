import { DataFrame } from 'danfojs-node';
import { describe, expect, it } from 'vitest';
import { table } from '../../src/figures/table';

describe('table', () => {
  it('shows a danfojs data frame: numbers right, integers whole, missing values as dashes', () => {
    const frame = new DataFrame([
      { seed: 1, name: 'PT', score: 36.812 },
      { seed: 2, name: 'SPT', score: NaN },
    ]);
    expect(table(frame, { digits: 1 })).toBe(
      '<table><thead><tr><th style="text-align:right">seed</th><th style="text-align:left">name</th>' +
        '<th style="text-align:right">score</th></tr></thead><tbody>' +
        '<tr><td style="text-align:right">1</td><td style="text-align:left">PT</td><td style="text-align:right">36.8</td></tr>' +
        '<tr><td style="text-align:right">2</td><td style="text-align:left">SPT</td><td style="text-align:right">–</td></tr>' +
        '</tbody></table>',
    );
  });

  it('escapes names, values and caption', () => {
    const html = table(
      { columns: ['<b>'], values: [['"><script>alert(1)</script>'], [{ a: '<i>' }]] },
      { caption: 'a < b & c' },
    );
    expect(html).toContain('<caption>a &lt; b &amp; c</caption>');
    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('{&quot;a&quot;:&quot;&lt;i&gt;&quot;}');
    expect(html).not.toMatch(/<(b|i|script)>/);
  });

  it('says how many rows it leaves out', () => {
    const html = table({ columns: ['x'], values: Array.from({ length: 30 }, (_, i) => [i]) }, { rows: 3 });
    expect(html.match(/<td style/g)).toHaveLength(3);
    expect(html).toContain('<td colspan="1">… 27 more</td>');
  });
});
