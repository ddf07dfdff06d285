import type { Random } from '../tensor/random';
import type { Measure } from './measure';
import { type Space, unitsOf } from './space';

/**
 * Samples of the inputs that take the prompt's place: whole units in random order until the size is reached, the last
 * one cut. All other rows are the inputs they are compared with.
 */
export function floorSamples(inputs: Space, size: number, count: number, rng: Random): Int32Array[] {
  const units = unitsOf(inputs);
  return Array.from({ length: count }, () => {
    const rows = new Int32Array(size);
    let at = 0;
    for (const unit of rng.shuffle(units)) {
      const part = unit.subarray(0, size - at);
      rows.set(part, at);
      at += part.length;
      if (at === size) break;
    }
    return rows;
  });
}

/** The mean of a measure over samples of the inputs in the prompt's place; null where it is undefined for them. */
export function floorOf(measure: Measure, inputs: Space, samples: readonly Int32Array[]): number | null {
  const statistic = measure.of(inputs);
  if ('reason' in statistic || samples.length === 0) return null;
  const values = samples.slice(0, measure.floorDraws).map((rows) => statistic.relabelled(rows));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Number.isFinite(mean) ? mean : null;
}
