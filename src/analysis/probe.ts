import { random, type Random } from '../tensor/random';
import { logisticRegression, type LinearClassifier } from './logisticRegression';
import { range, type Found, type Measure } from './measure';
import { type Space, unitsOf } from './space';

const FOLDS = 5;

/** How well a probe tells two sets apart on rows that it has not seen. */
export type ProbeScore = { readonly accuracy: number; readonly auc: number };

/** Ranks of values from 1, equal ones sharing their mean rank. */
function ranks(values: Float64Array): Float64Array {
  const order = [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    for (let i = start; i < end; i++) found[order[i] as number] = (start + 1 + end) / 2;
    start = end;
  }
  return found;
}

/**
 * Balanced accuracy at score 0, and the area under the ROC curve (Mann and Whitney's U over n m), for labels that may be
 * permuted while the scores stay.
 */
function scoring(scores: Float64Array): (labels: Uint8Array) => ProbeScore {
  const order = ranks(scores);
  return (labels) => scoredBy(scores, order, labels);
}

function scoredBy(scores: Float64Array, order: Float64Array, labels: Uint8Array): ProbeScore {
  const count = [0, 0];
  const right = [0, 0];
  let sum = 0;
  labels.forEach((label, i) => {
    count[label] = (count[label] as number) + 1;
    if ((scores[i] as number) > 0 === (label === 1)) right[label] = (right[label] as number) + 1;
    if (label === 1) sum += order[i] as number;
  });
  const [x, p] = count as [number, number];
  return {
    accuracy: ((right[0] as number) / x + (right[1] as number) / p) / 2,
    auc: (sum - (p * (p + 1)) / 2) / (p * x),
  };
}

/** The chosen rows, each feature with the fit rows' mean taken away and divided by their standard deviation. */
function standardised(space: Space, fit: Int32Array): (rows: Int32Array) => Float64Array {
  const { d, rows: all } = space;
  const mean = new Float64Array(d);
  const square = new Float64Array(d);
  for (const row of fit)
    for (let k = 0; k < d; k++) mean[k] = (mean[k] as number) + (all[row * d + k] as number) / fit.length;
  for (const row of fit)
    for (let k = 0; k < d; k++)
      square[k] =
        (square[k] as number) + ((all[row * d + k] as number) - (mean[k] as number)) ** 2 / fit.length;
  // A feature that does not vary (but for rounding) says nothing and is left as it is.
  const scale = square.map((value, k) =>
    value <= 1e-24 * (mean[k] as number) ** 2 || value === 0 ? 1 : Math.sqrt(value),
  );
  return (rows) => {
    const out = new Float64Array(rows.length * d);
    rows.forEach((row, i) => {
      for (let k = 0; k < d; k++)
        out[i * d + k] = ((all[row * d + k] as number) - (mean[k] as number)) / (scale[k] as number);
    });
    return out;
  };
}

/** Fits a probe on some rows and gives the scores of others; labels are by row, 1 = prompt. */
function probeScores(space: Space, labels: Uint8Array, fit: Int32Array, test: Int32Array): Float64Array {
  const { d } = space;
  const features = standardised(space, fit);
  const { weights, bias }: LinearClassifier = logisticRegression(
    features(fit),
    d,
    Uint8Array.from(fit, (row) => labels[row] as number),
  );
  const held = features(test);
  return Float64Array.from(test, (_, i) => {
    let sum = bias;
    for (let k = 0; k < d; k++) sum += (held[i * d + k] as number) * (weights[k] as number);
    return sum;
  });
}

/**
 * The fold of each row: each set's units are shuffled and dealt out in turn, so that no unit is on both sides of a split
 * and every fold holds both sets. Null where a set has fewer than 2 units.
 */
export function probeFolds(space: Space, labels: Uint8Array, most = FOLDS): Int32Array | null {
  const rng = random('probe').fork(space.n);
  const units = unitsOf(space);
  const sides = [1, 0].map((label) => units.filter((unit) => labels[unit[0] as number] === label));
  const folds = Math.min(most, ...sides.map((side) => side.length));
  if (folds < 2) return null;
  const found = new Int32Array(space.n);
  for (const side of sides)
    rng.shuffle(side).forEach((unit, i) => {
      for (const row of unit) found[row] = i % folds;
    });
  return found;
}

function crossValidated(space: Space, labels: Uint8Array): ProbeScore | null {
  const folds = probeFolds(space, labels);
  if (folds === null) return null;
  const count = Math.max(...folds) + 1;
  let [accuracy, auc] = [0, 0];
  for (let fold = 0; fold < count; fold++) {
    const rows = range(0, space.n);
    const test = rows.filter((row) => folds[row] === fold);
    const fit = rows.filter((row) => folds[row] !== fold);
    const score = scoring(probeScores(space, labels, fit, test))(
      Uint8Array.from(test, (row) => labels[row] as number),
    );
    accuracy += score.accuracy / count;
    auc += score.auc / count;
  }
  return { accuracy, auc };
}

function labelled(n: number, prompt: Int32Array): Uint8Array {
  const labels = new Uint8Array(n);
  for (const row of prompt) labels[row] = 1;
  return labels;
}

type Probes = {
  readonly own: Int32Array;
  readonly scores: WeakMap<Int32Array, ProbeScore | null>;
};

/** Accuracy and AUC come of the same fits, whichever is asked for first. */
const known = new WeakMap<Space, Probes>();

function probesOf(space: Space): Probes {
  const probes = known.get(space) ?? { own: range(0, space.prompt), scores: new WeakMap() };
  known.set(space, probes);
  return probes;
}

function probed(space: Space, prompt: Int32Array): ProbeScore | null {
  const { scores } = probesOf(space);
  const found = scores.get(prompt) ?? crossValidated(space, labelled(space.n, prompt));
  scores.set(prompt, found);
  return found;
}

/**
 * The share of relabellings of held-out units that score at least as high, for a probe fitted on the other half: given
 * the fit, held-out labels are exchangeable under the null, so the test is exact and needs one fit.
 * Reference: Lopez-Paz and Oquab 2017, "Revisiting Classifier Two-Sample Tests" (arXiv 1610.06545), section 3.
 */
function heldOutTest(
  space: Space,
  units: readonly Int32Array[],
  permutations: number,
  rng: Random,
  of: (score: ProbeScore) => number,
): number | null {
  const labels = labelled(space.n, range(0, space.prompt));
  const sides = [1, 0].map((label) =>
    rng.shuffle(units.filter((unit) => labels[unit[0] as number] === label)),
  );
  if (sides.some((side) => side.length < 2)) return null;
  const halves = [0, 1].map((half) => sides.map((side) => side.filter((_, i) => i % 2 === half)));
  const [fitUnits, testUnits] = halves as [Int32Array[][], Int32Array[][]];
  const flat = (side: readonly Int32Array[][]): Int32Array =>
    Int32Array.from(side.flat().flatMap((unit) => [...unit]));
  const score = scoring(probeScores(space, labels, flat(fitUnits), flat(testUnits)));
  const held = testUnits.flat();
  const prompts = testUnits[0]?.length ?? 0;
  /** Which held-out unit each held-out row is of. */
  const unitOf = Int32Array.from(held.flatMap((unit, i) => Array.from(unit, () => i)));
  const scoreOf = (order: readonly number[]): number => {
    const isPrompt = new Uint8Array(held.length);
    for (const unit of order.slice(0, prompts)) isPrompt[unit] = 1;
    return of(score(Uint8Array.from(unitOf, (unit) => isPrompt[unit] as number)));
  };
  const order = [...held.keys()];
  const observed = scoreOf(order);
  let asHigh = 1;
  for (let i = 0; i < permutations; i++) if (scoreOf(rng.shuffle(order)) >= observed) asHigh++;
  return asHigh / (permutations + 1);
}

/** A measure of the cross-validated probe. */
export function probeMeasure(of: (score: ProbeScore) => number): Measure {
  return {
    tail: 'greater',
    withoutInterval:
      'no unbiased estimate of a cross-validated score’s variance exists (Bengio and Grandvalet 2004)',
    floorDraws: 5,
    range: [0, 1],
    of: (space): Found => {
      const score = probed(space, probesOf(space).own);
      if (score === null) return { reason: 'a set of fewer than 2 units cannot be split into folds' };
      return {
        value: of(score),
        relabelled: (rows) => {
          const other = probed(space, rows);
          return other === null ? NaN : of(other);
        },
      };
    },
    test: (space, units, permutations, rng) => heldOutTest(space, units, permutations, rng, of),
  };
}
