import { ShapeError } from '../errors';
import { centredGram } from './centredGram';
import { range } from './measure';
import { space } from './space';
import type { Vectors } from './vectors';

/**
 * Linear centred kernel alignment of the same n tokens at two layers, `[n, d]` and `[n, e]`: |B^T A|^2 / (|A^T A| |B^T B|)
 * of the centred matrices, from 0 to 1. It sees neither a rotation nor a common scale nor a shift of a layer, so it
 * compares layers and is no measure of a gap. Null where a layer's vectors are equal.
 * Reference: Kornblith et al. 2019, "Similarity of Neural Network Representations Revisited", section 3.
 * @throws ShapeError if the layers hold different numbers of vectors.
 */
export function linearCka(a: Vectors, b: Vectors): number | null {
  if (a.length !== b.length)
    throw new ShapeError(
      `linearCka: both layers must hold the same tokens; found ${a.length} and ${b.length} vectors`,
    );
  const [ga, gb] = [a, b].map((vectors) => {
    const own = space(vectors, []);
    return centredGram(own, range(0, own.n));
  }) as [Float64Array, Float64Array];
  let [across, within, other] = [0, 0, 0];
  for (let i = 0; i < ga.length; i++) {
    across += (ga[i] as number) * (gb[i] as number);
    within += (ga[i] as number) ** 2;
    other += (gb[i] as number) ** 2;
  }
  return within === 0 || other === 0 ? null : across / Math.sqrt(within * other);
}
