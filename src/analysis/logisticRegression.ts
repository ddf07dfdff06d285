import { addWeighted, timesVector } from './rowProducts';

/** A linear classifier: score = weights · x + bias, above 0 = the first class. */
export type LinearClassifier = { readonly weights: Float64Array; readonly bias: number };

const MOST_STEPS = 100;
const TOLERANCE = 1e-8;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** log(1 + exp(-margin)) without overflow. */
function logisticLoss(margin: number): number {
  return margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin));
}

/**
 * L2-regularised logistic regression with balanced classes: minimises |w|^2 / 2 + sum over rows of
 * c(row) log(1 + exp(-y (w · x + b))), c = n / (2 n(class)); the bias is not regularised. By Newton steps, each solved by
 * conjugate gradients, so that d may exceed n.
 * Reference: Lin, Weng and Keerthi 2008, "Trust region Newton method for large-scale logistic regression" (JMLR 9).
 *
 * @param rows `[labels.length, d]`, row-major.
 * @param labels 1 = the first class, 0 = the second.
 */
export function logisticRegression(rows: Float64Array, d: number, labels: Uint8Array): LinearClassifier {
  const n = labels.length;
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const signs = Float64Array.from(labels, (label) => (label === 1 ? 1 : -1));
  const costs = Float64Array.from(labels, (label) => n / 2 / (label === 1 ? positives : n - positives));
  /** Scores of all rows for weights with the bias in the last place. */
  const scores = (w: Float64Array): Float64Array => {
    const out = new Float64Array(n);
    timesVector(rows, d, w, out);
    const bias = w[d] as number;
    return out.map((score) => score + bias);
  };
  /** X^T u with the sum of u in the last place, plus the regularised part of w. */
  const back = (u: Float64Array, w: Float64Array): Float64Array => {
    const out = w.slice();
    addWeighted(rows, d, u, out);
    out[d] = u.reduce((sum, factor) => sum + factor, 0);
    return out;
  };
  const objective = (w: Float64Array, found: Float64Array): number => {
    let sum = (dot(w, w) - (w[d] as number) ** 2) / 2;
    for (let i = 0; i < n; i++)
      sum += (costs[i] as number) * logisticLoss((signs[i] as number) * (found[i] as number));
    return sum;
  };

  let w = new Float64Array(d + 1);
  let found = scores(w);
  let value = objective(w, found);
  for (let step = 0; step < MOST_STEPS; step++) {
    const chance = found.map((score) => 1 / (1 + Math.exp(-score)));
    const gradient = back(
      chance.map((p, i) => (costs[i] as number) * (p - (labels[i] as number))),
      w,
    );
    const size = Math.sqrt(dot(gradient, gradient));
    if (size < TOLERANCE * n) break;
    const curvature = chance.map((p, i) => (costs[i] as number) * p * (1 - p));
    const hessian = (v: Float64Array): Float64Array =>
      back(
        scores(v).map((score, i) => score * (curvature[i] as number)),
        v,
      );
    const direction = conjugateGradients(hessian, gradient, Math.min(0.1, Math.sqrt(size / n)) * size);
    const slope = dot(gradient, direction);
    let [length, next, nextFound, nextValue] = [1, w, found, value];
    do {
      next = w.map((weight, k) => weight + length * (direction[k] as number));
      nextFound = scores(next);
      nextValue = objective(next, nextFound);
      length /= 2;
    } while (nextValue > value + 1e-4 * 2 * length * slope && length > 1e-10);
    [w, found, value] = [next, nextFound, nextValue];
  }
  return { weights: w.subarray(0, d), bias: w[d] as number };
}

/** Solves H v = -gradient until the residual is short enough; stops where the curvature vanishes. */
function conjugateGradients(
  hessian: (v: Float64Array) => Float64Array,
  gradient: Float64Array,
  enough: number,
): Float64Array {
  const solution = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  const direction = residual.slice();
  let square = dot(residual, residual);
  for (let step = 0; step < gradient.length && Math.sqrt(square) > enough; step++) {
    const image = hessian(direction);
    const curvature = dot(direction, image);
    if (curvature <= 0) break;
    const length = square / curvature;
    for (let k = 0; k < solution.length; k++) {
      solution[k] = (solution[k] as number) + length * (direction[k] as number);
      residual[k] = (residual[k] as number) - length * (image[k] as number);
    }
    const next = dot(residual, residual);
    for (let k = 0; k < direction.length; k++)
      direction[k] = (residual[k] as number) + (next / square) * (direction[k] as number);
    square = next;
  }
  return solution;
}
