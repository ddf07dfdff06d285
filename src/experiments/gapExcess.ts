import type { Measured } from '../analysis/embeddingGap';

/**
 * How large a gap is, whatever way its measure points: |value - floor|, the distance from what input tokens give against
 * other input tokens. Null where the measure is undefined or has no floor.
 */
export function gapExcess({ value, floor }: Pick<Measured, 'value' | 'floor'>): number | null {
  return value === null || floor === null ? null : Math.abs(value - floor);
}
