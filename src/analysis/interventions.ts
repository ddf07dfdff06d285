import { ConfigError, ShapeError } from '../errors';
import type { Random } from '../tensor/random';
import { norms, type Vectors } from './vectors';

/** A change of a trained prompt, made without training again; what it does to loss and texts tells cause from company. */
export type PromptIntervention =
  /** c p: the norm alone. */
  | { readonly kind: 'multiply'; readonly factor: number }
  /** Each vector at the inputs' median norm, its direction kept. */
  | { readonly kind: 'matchNorm' }
  /** p + t (mean of the inputs - mean of the prompt): the centroid moves by a fraction, the shape stays. */
  | { readonly kind: 'moveCentroid'; readonly fraction: number }
  /** s_j p_i with j drawn: the scales given to other tokens. */
  | { readonly kind: 'shuffleScales'; readonly seed: number }
  /** (1 - t) p + t (nearest token): toward the nearest embeddings, at 1 onto them. */
  | { readonly kind: 'nearestTokens'; readonly fraction: number }
  /** R p with a random rotation R: norms and shape stay, directions go. */
  | { readonly kind: 'rotate'; readonly seed: number };

/** What interventions need to know. */
export type InterventionContext = {
  /** P, before its scale; equal to the prompt that is read where there is none. */
  readonly unscaled: Vectors;
  readonly inputs: Vectors;
  /** The nearest token's embedding of each prompt vector. */
  readonly nearest: Vectors;
  readonly rng: Random;
};

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2;
}

function mean(vectors: Vectors): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors)
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (vector[k] as number) / vectors.length;
  return sum;
}

/** Turns by a random rotation: products of reflections at random planes, an even number of them, one for each dimension. */
function rotated(vectors: Vectors, rng: Random): Vectors {
  const d = vectors[0]?.length ?? 0;
  const turned = vectors.map((vector) => Float64Array.from(vector));
  for (let mirror = 0; mirror < 2 * Math.ceil(d / 2); mirror++) {
    const normal = Float64Array.from({ length: d }, () => rng.normal());
    const square = normal.reduce((sum, value) => sum + value ** 2, 0);
    for (const vector of turned) {
      const along = vector.reduce((sum, value, k) => sum + value * (normal[k] as number), 0);
      for (let k = 0; k < d; k++)
        vector[k] = (vector[k] as number) - ((2 * along) / square) * (normal[k] as number);
    }
  }
  return turned.map((vector) => Float32Array.from(vector));
}

/** Length of s p over that of p for each token, with the sign of the scale. */
export function scalesOf(unscaled: Vectors, scaled: Vectors): number[] {
  const [before, after] = [norms(unscaled), norms(scaled)];
  return unscaled.map((vector, i) => {
    const product = vector.reduce((sum, value, k) => sum + value * (scaled[i]?.[k] as number), 0);
    const length = before[i] as number;
    return length === 0 ? 0 : (Math.sign(product) * (after[i] as number)) / length;
  });
}

/**
 * The prompt that the model reads, `[promptLength, dModel]`, after an intervention.
 * @throws ConfigError where it is not defined: norms to match of a zero vector, scales to shuffle where there are none.
 * @throws ShapeError if the context holds other numbers of vectors than the prompt.
 */
export function intervene(
  prompt: Vectors,
  intervention: PromptIntervention,
  context: InterventionContext,
): Vectors {
  const { unscaled, inputs, nearest, rng } = context;
  if (unscaled.length !== prompt.length || nearest.length !== prompt.length)
    throw new ShapeError(
      `intervene: a vector for each prompt token; prompt ${prompt.length}, unscaled ${unscaled.length}, nearest ${nearest.length}`,
    );
  switch (intervention.kind) {
    case 'multiply':
      return prompt.map((vector) => vector.map((value) => intervention.factor * value));
    case 'matchNorm': {
      const [own, typical] = [norms(prompt), median(norms(inputs))];
      if (own.includes(0)) throw new ConfigError('intervene: matchNorm: a prompt vector is zero');
      return prompt.map((vector, i) => vector.map((value) => (value * typical) / (own[i] as number)));
    }
    case 'moveCentroid': {
      const [from, to] = [mean(prompt), mean(inputs)];
      return prompt.map((vector) =>
        vector.map((value, k) => value + intervention.fraction * ((to[k] as number) - (from[k] as number))),
      );
    }
    case 'shuffleScales': {
      const scales = scalesOf(unscaled, prompt);
      if (scales.every((scale) => Math.abs(scale - 1) < 1e-6))
        throw new ConfigError('intervene: shuffleScales: the prompt has no scales');
      const shuffled = rng.fork(`scales/${intervention.seed}`).shuffle(scales);
      return unscaled.map((vector, i) => vector.map((value) => (shuffled[i] as number) * value));
    }
    case 'nearestTokens': {
      const t = intervention.fraction;
      return prompt.map((vector, i) =>
        vector.map((value, k) => (1 - t) * value + t * (nearest[i]?.[k] as number)),
      );
    }
    case 'rotate':
      return rotated(prompt, rng.fork(`rotation/${intervention.seed}`));
  }
}

/** How an intervention is called in tables and figures. */
export function interventionName(intervention: PromptIntervention): string {
  switch (intervention.kind) {
    case 'multiply':
      return `norm x ${intervention.factor}`;
    case 'matchNorm':
      return "norm of the inputs'";
    case 'moveCentroid':
      return `centroid moved ${intervention.fraction}`;
    case 'shuffleScales':
      return `scales shuffled (${intervention.seed})`;
    case 'nearestTokens':
      return `to nearest tokens ${intervention.fraction}`;
    case 'rotate':
      return `rotated (${intervention.seed})`;
  }
}
