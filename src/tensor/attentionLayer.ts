import { tf } from './backend';
import {
  fromHeads,
  fromHeadsTransposed,
  headsGradient,
  toHeads,
  toHeadsTransposed,
  type Heads,
} from './contraction';
import {
  deriveAnew,
  fusedLayer,
  isSmallBeside,
  project,
  projectBackward,
  stacked,
  unitBackward,
  unitForward,
  type Derive,
  type LayerWeight,
  type NormedProjections,
} from './fusedLayer';

type AttentionWeightName = 'norm' | 'q' | 'k' | 'v' | 'o' | 'bias';

/** Weights of an attention layer: the layer norm's `[dModel]`, q, k, v `[inner, dModel]`, o `[dModel, inner]`. */
export type AttentionLayerWeights = Readonly<Record<AttentionWeightName, LayerWeight>>;

/**
 * What attention keeps for its gradient: q, k, v, the weights after the softmax, and their product with v, by head:
 * `[1, rows, numHeads, length, ...]`.
 */
type Attended = [Heads, Heads, Heads, Heads, Heads];

export type AttentionLayerOptions = {
  readonly numHeads: number;
  readonly epsilon: number;
  readonly derive: Derive;
};

/** softmax(q k^T + bias) and its product with v, by head. */
function attend(q: Heads, k: Heads, v: Heads, bias: tf.Tensor): [Heads, Heads] {
  const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)) as Heads;
  return [weights, tf.matMul(weights, v)];
}

/**
 * Gradients of scores, k and v from that of the context, by head (q's is dS K): with W the weights and C = W V,
 * dS = W * (dC V^T - rowsum(dC * C)), since rowsum(W * dW) = rowsum(dC * C).
 */
function attendBackward(
  dContext: Heads,
  [q, , v, weights, context]: Attended,
): { dScores: Heads; dk: Heads; dv: Heads } {
  const delta = tf.sum(tf.mul(dContext, context), -1, true);
  const dScores = tf.mul(weights, tf.sub(tf.matMul(dContext, v, false, true), delta)) as Heads;
  return {
    dScores,
    dk: tf.matMul(dScores, q, true, false),
    dv: tf.matMul(weights, dContext, true, false),
  };
}

/** The scores' gradient summed to the bias's shape. */
function biasGradient(dScores: Heads, bias: tf.Tensor): tf.Tensor {
  const byRow = dScores.reshape(dScores.shape.slice(1));
  const axes = bias.shape.flatMap((n, axis) => (n === 1 && byRow.shape[axis] !== 1 ? [axis] : []));
  return axes.length > 0 ? tf.sum(byRow, axes, true) : byRow;
}

/** Gradients of stacked projections by their names; none where there are none. */
function named<Name extends string>(
  names: readonly Name[],
  gradients: readonly tf.Tensor[],
): Partial<Record<Name, tf.Tensor>> {
  return Object.fromEntries(gradients.map((gradient, i) => [names[i], gradient])) as Partial<
    Record<Name, tf.Tensor>
  >;
}

/** Matrices of a layer by part and head, the output's from the other side: what the products with heads read. */
function matrices(
  { norm, q, k, v, o }: Readonly<Record<'norm' | 'q' | 'k' | 'v' | 'o', tf.Tensor>>,
  { numHeads, derive }: AttentionLayerOptions,
): {
  readonly normed: (parts: readonly tf.Tensor[]) => NormedProjections;
  readonly keysAndValues: (of: tf.Tensor3D) => tf.Tensor4D;
  readonly output: () => tf.Tensor4D;
} {
  const [inner = 0, dModel = 0] = q.shape;
  const shape = (parts: number): number[] => [parts, numHeads, inner / numHeads, dModel];
  return {
    normed: (projections) => ({ norm, projections, shape: shape(projections.length) }),
    keysAndValues: (of) => {
      const make = isSmallBeside(of, 2 * inner) ? derive : deriveAnew;
      return make('keysAndValues', () => stacked([k, v], shape(2))) as tf.Tensor4D;
    },
    output: () => o.reshape([dModel, 1, numHeads, inner / numHeads]),
  };
}

const split = (heads: Heads): Heads[] => tf.split(heads, heads.shape[0], 0);
const joined = (parts: readonly Heads[]): Heads => tf.concat([...parts], 0) as Heads;

/**
 * A whole self-attention layer, x + O attention(norm(x)), its gradient by hand: one product for q, k and v, and nothing
 * on the tape in between.
 *
 * x: `[rows, length, dModel]`; bias: broadcastable to `[rows, numHeads, length, length]`.
 */
export function selfAttentionLayer(
  x: tf.Tensor3D,
  weights: AttentionLayerWeights,
  options: AttentionLayerOptions,
): tf.Tensor3D {
  const { epsilon, derive } = options;
  return fusedLayer<AttentionWeightName, [tf.Tensor3D, tf.Tensor3D, ...Attended]>([x], weights, (w) => {
    const { unit, inverse } = unitForward(x, epsilon);
    const { normed, output } = matrices(w, options);
    const [q, k, v] = split(project(unit, normed([w.q, w.k, w.v]), derive, toHeads)) as [Heads, Heads, Heads];
    const [probabilities, context] = attend(q, k, v, w.bias);
    return {
      value: tf.add(x, fromHeadsTransposed(context, output())),
      saved: [unit, inverse, q, k, v, probabilities, context],
      backward: (dy, [u, r, ...heads], own, trained) => {
        const dOut = dy as tf.Tensor3D;
        const again = matrices(own, options);
        const { dScores, dk, dv } = attendBackward(toHeadsTransposed(dOut, again.output()), heads);
        const dHeads = joined([tf.matMul(dScores, heads[1]), dk, dv]);
        const found = projectBackward<tf.Tensor4D>(
          u,
          again.normed([own.q, own.k, own.v]),
          derive,
          {
            input: (matrix) => fromHeads(dHeads, matrix),
            matrix: (input) => headsGradient(dHeads, input),
          },
          { norm: trained('norm'), projections: trained('q') || trained('k') || trained('v') },
        );
        return {
          inputs: [tf.add(dOut, unitBackward(found.unit, { unit: u, inverse: r }))],
          weights: {
            ...found.weights,
            ...named(['q', 'k', 'v'], found.projections),
            ...(trained('o') ? { o: tf.transpose(headsGradient(heads[4], dOut)) } : {}),
            ...(trained('bias') ? { bias: biasGradient(dScores, own.bias) } : {}),
          },
        };
      },
    };
  }) as tf.Tensor3D;
}

export type CrossAttentionLayerOptions = AttentionLayerOptions & {
  /** Nothing that is trained lies before x: it gets no gradient. */
  readonly inputFrozen: boolean;
};

/**
 * A whole cross-attention layer, x + O attention(norm(x), encoded), its gradient by hand.
 *
 * x: `[rows, length, dModel]`; encoded: `[rows, sourceLength, dModel]`; bias: broadcastable to
 * `[rows, numHeads, length, sourceLength]`.
 */
export function crossAttentionLayer(
  x: tf.Tensor3D,
  encoded: tf.Tensor3D,
  weights: AttentionLayerWeights,
  { inputFrozen, ...options }: CrossAttentionLayerOptions,
): tf.Tensor3D {
  const { epsilon, derive } = options;
  return fusedLayer<AttentionWeightName, [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, ...Attended]>(
    inputFrozen ? [encoded] : [encoded, x],
    weights,
    (w) => {
      const { unit, inverse } = unitForward(x, epsilon);
      const { normed, keysAndValues, output } = matrices(w, options);
      const q = project(unit, normed([w.q]), derive, toHeads);
      const [k, v] = split(toHeads(encoded, keysAndValues(encoded))) as [Heads, Heads];
      const [probabilities, context] = attend(q, k, v, w.bias);
      return {
        value: tf.add(x, fromHeadsTransposed(context, output())),
        saved: [unit, inverse, encoded, q, k, v, probabilities, context],
        backward: (dy, [u, r, source, ...heads], own, trained) => {
          const dOut = dy as tf.Tensor3D;
          const again = matrices(own, options);
          const { dScores, dk, dv } = attendBackward(toHeadsTransposed(dOut, again.output()), heads);
          const dMemory = joined([dk, dv]);
          const dEncoded = fromHeads(dMemory, again.keysAndValues(source));
          const others = {
            ...(trained('k') || trained('v')
              ? named(['k', 'v'], tf.split(headsGradient(dMemory, source), 2, 0))
              : {}),
            ...(trained('o') ? { o: tf.transpose(headsGradient(heads[4], dOut)) } : {}),
            ...(trained('bias') ? { bias: biasGradient(dScores, own.bias) } : {}),
          };
          if (inputFrozen && !trained('q') && !trained('norm'))
            return { inputs: [dEncoded], weights: others };
          const dq = tf.matMul(dScores, heads[1]) as Heads;
          const found = projectBackward<tf.Tensor4D>(
            u,
            again.normed([own.q]),
            derive,
            { input: (matrix) => fromHeads(dq, matrix), matrix: (input) => headsGradient(dq, input) },
            { norm: trained('norm'), projections: trained('q') },
          );
          const dx = tf.add(dOut, unitBackward(found.unit, { unit: u, inverse: r }));
          return {
            inputs: inputFrozen ? [dEncoded] : [dEncoded, dx],
            weights: { ...others, ...found.weights, ...named(['q'], found.projections) },
          };
        },
      };
    },
  ) as tf.Tensor3D;
}
