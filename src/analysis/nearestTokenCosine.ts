import { others, range, type Measure } from './measure';

/**
 * Mean over the prompt's vectors of the greatest cosine to an input vector, from -1 to 1: 1 = each points where a token
 * does. Undefined where a vector is zero.
 */
export const nearestTokenCosine: Measure = {
  tail: 'less',
  range: [-1, 1],
  of: (space) => {
    const { n, prompt } = space;
    const lengths = space.norms();
    if (lengths.includes(0)) return { reason: 'a vector is zero and has no direction' };
    const gram = space.gram();
    const nearest = (row: number, among: Int32Array, except?: ReadonlySet<number>): [number, number] => {
      let [best, at] = [-Infinity, -1];
      for (const other of among) {
        const cosine =
          (gram[row * n + other] as number) / ((lengths[row] as number) * (lengths[other] as number));
        if (cosine <= best || except?.has(other) === true) continue;
        best = cosine;
        at = other;
      }
      return [best, at];
    };
    const inputs = range(prompt, n);
    const found = Array.from(range(0, prompt), (row) => nearest(row, inputs));
    const sum = found.reduce((total, [cosine]) => total + cosine, 0);
    return {
      value: sum / prompt,
      without: (unit) => {
        const gone = new Set(unit);
        let [left, count] = [0, 0];
        found.forEach(([cosine, at], row) => {
          if (gone.has(row)) return;
          count++;
          left += gone.has(at) ? nearest(row, inputs, gone)[0] : cosine;
        });
        return left / count;
      },
      relabelled: (rows) => {
        const among = others(n, rows);
        return rows.reduce((total, row) => total + nearest(row, among)[0], 0) / rows.length;
      },
    };
  },
};
