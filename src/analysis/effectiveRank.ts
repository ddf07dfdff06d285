import { Matrix } from 'ml-matrix';
import { centredGram, isConstant, ownStatistic } from './centredGram';
import { range, type Measure } from './measure';
import { psdEigenvalues } from './psdEigenvalues';

/**
 * Effective rank of the prompt: exp of the entropy of its singular values (mean taken away) as shares of their sum; from
 * 1 to min(n - 1, d). Undefined for equal vectors or fewer than 3.
 * Reference: Roy and Vetterli 2007, "The effective rank: a measure of effective dimensionality", definition 1.
 */
export const effectiveRank: Measure = {
  tail: null,
  untested:
    'exchanging vectors between the sets asks whether the sets are alike, not how the prompt’s own vectors spread',
  range: [1, Infinity],
  of: (space) => {
    const { d, prompt } = space;
    if (prompt < 3) return { reason: 'fewer than 3 vectors span one direction at most' };
    const own = range(0, prompt);
    if (isConstant(space, centredGram(space, own), own)) return { reason: 'the prompt’s vectors are equal' };
    return ownStatistic(space, (rows) => {
      const size = rows.length;
      // A mean taken away leaves rank size - 1 at most; what is beyond, or beyond d, is rounding.
      const singular = psdEigenvalues(Matrix.from1DArray(size, size, centredGram(space, rows)))
        .slice(0, Math.min(size - 1, d))
        .map(Math.sqrt);
      const sum = singular.reduce((total, value) => total + value, 0);
      const entropy = singular
        .filter((value) => value > 0)
        .reduce((total, value) => total - (value / sum) * Math.log(value / sum), 0);
      return Math.exp(entropy);
    });
  },
};
