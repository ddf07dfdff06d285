import { type GapMeasure, gapMeasures, type Measured } from '../analysis/embeddingGap';
import type { Measure } from '../analysis/measure';

/**
 * How large a gap is, whatever way its measure points: how far the value lies beyond its floor (what input tokens give
 * against other input tokens) on the side that speaks against equal sets, 0 on the other side; for a measure without
 * such a side, how far on either. Null where the measure is undefined or has no floor.
 */
export function gapExcess({
  measure,
  value,
  floor,
}: Pick<Measured, 'value' | 'floor'> & { readonly measure: GapMeasure }): number | null {
  if (value === null || floor === null) return null;
  const { tail }: Measure = gapMeasures[measure];
  if (tail === 'greater') return Math.max(0, value - floor);
  return tail === 'less' ? Math.max(0, floor - value) : Math.abs(value - floor);
}
