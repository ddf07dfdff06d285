import type { Random } from '../tensor/random';
import { others, range, type Measure } from './measure';
import { type Space, subspace, unitsOf } from './space';

/** The inputs with the reserve, the first sample of them in the prompt's place, and the rows of further samples. */
export type Floor = { readonly space: Space; readonly further: readonly Int32Array[] };

/**
 * Samples of the inputs that take the prompt's place, as large as it (at most half of them): whole units in random order
 * until the size is reached, the last one cut. All other rows are the inputs they are compared with. Null for no samples.
 */
export function floorSamples(whole: Space, count: number, rng: Random): Floor | null {
  const { n, prompt } = whole;
  const size = Math.min(prompt, Math.floor((n - prompt) / 2));
  if (size === 0 || count === 0) return null;
  const units = unitsOf(whole).filter((unit) => (unit[0] as number) >= prompt);
  const [first, ...further] = Array.from({ length: count }, () => {
    const rows = new Int32Array(size);
    let at = 0;
    for (const unit of rng.shuffle(units)) {
      const part = unit.subarray(0, size - at);
      rows.set(part, at);
      at += part.length;
      if (at === size) break;
    }
    return rows;
  }) as [Int32Array, ...Int32Array[]];
  const order = [...first, ...others(n, Int32Array.from([...range(0, prompt), ...first]))];
  const place = new Int32Array(n);
  order.forEach((row, i) => (place[row] = i));
  return {
    space: subspace(whole, order, size),
    further: further.map((rows) => rows.map((row) => place[row] as number)),
  };
}

/** The mean of a measure over samples of the inputs in the prompt's place; null where it is undefined for them. */
export function floorOf(measure: Measure, { space, further }: Floor): number | null {
  const statistic = measure.of(space);
  if ('reason' in statistic) return null;
  const draws = measure.floorDraws ?? further.length + 1;
  const values = [statistic.value, ...further.slice(0, draws - 1).map((rows) => statistic.relabelled(rows))];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Number.isFinite(mean) ? mean : null;
}
