import { centredGram, isConstant, ownStatistic } from './centredGram';
import { range, type Measure } from './measure';

/**
 * IsoScore of the prompt: how evenly its variance fills the dimensions, 0 = one dimension, 1 = all alike. With the
 * covariance's eigenvalues l the definition reduces to ((sum l)^2 / sum l^2 - 1) / (d - 1). n vectors fill at most n - 1
 * dimensions, so compare with the floor. Undefined for equal vectors, fewer than 3, or one dimension.
 * Reference: Rudman et al. 2022 (arXiv 2108.07344), algorithm 1.
 */
export const isoScore: Measure = {
  tail: null,
  untested:
    'exchanging vectors between the sets asks whether the sets are alike, not how the prompt’s own vectors spread',
  range: [0, 1],
  of: (space) => {
    const { d, prompt } = space;
    if (prompt < 3) return { reason: 'fewer than 3 vectors span one direction at most' };
    if (d < 2) return { reason: 'in one dimension there is nothing to fill evenly' };
    const own = range(0, prompt);
    if (isConstant(space, centredGram(space, own), own)) return { reason: 'the prompt’s vectors are equal' };
    return ownStatistic(space, (rows) => {
      const block = centredGram(space, rows);
      let [trace, squares] = [0, 0];
      for (let i = 0; i < rows.length; i++) trace += block[i * rows.length + i] as number;
      for (const value of block) squares += value ** 2;
      return (trace ** 2 / squares - 1) / (d - 1);
    });
  },
};
