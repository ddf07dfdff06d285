import { nativeReluGradient, tf } from './backend';
import { fusedLayer } from './fusedLayer';

// A gradient function runs after the forward pass's tidy scopes have closed: it may use what it saved and frozen weights,
// nothing else.

/** Whether the running backend has a kernel. */
function hasKernel(name: string): boolean {
  return tf.getKernelsForBackend(tf.getBackend()).some((kernel) => kernel.kernelName === name);
}

/**
 * T5's layer norm: y = w x / sqrt(mean(x^2) + epsilon), no mean subtracted, no bias.
 * The gradient is written by hand: dx = r (g - x r^2 mean(g x)) with g = w dy and r = 1 / sqrt(mean(x^2) + epsilon).
 *
 * x: `[rows, length, d]`; weight: `[d]`, whose gradient is computed only if `trained`.
 * Reference: Zhang and Sennrich 2019 (arXiv 1910.07467), equation 4.
 */
export function rmsNorm(x: tf.Tensor3D, weight: tf.Tensor1D, epsilon: number, trained: boolean): tf.Tensor3D {
  const inverseRms = (t: tf.Tensor): tf.Tensor => tf.rsqrt(tf.add(tf.mean(tf.square(t), -1, true), epsilon));
  const inputGradient = (dy: tf.Tensor, t: tf.Tensor, r: tf.Tensor, w: tf.Tensor): tf.Tensor => {
    const g = tf.mul(dy, w);
    return tf.mul(r, tf.sub(g, tf.mul(t, tf.mul(tf.square(r), tf.mean(tf.mul(g, t), -1, true)))));
  };
  if (!trained) {
    return tf.customGrad((t, save) => {
      const input = t as tf.Tensor;
      const r = inverseRms(input);
      (save as tf.GradSaveFunc)([input, r]);
      return {
        value: tf.mul(tf.mul(input, r), weight),
        gradFunc: (dy, saved) => inputGradient(dy, saved[0] as tf.Tensor, saved[1] as tf.Tensor, weight),
      };
    })(x) as tf.Tensor3D;
  }
  return tf.customGrad((t, w, save) => {
    const input = t as tf.Tensor;
    const r = inverseRms(input);
    const normed = tf.mul(input, r);
    (save as tf.GradSaveFunc)([input, r, normed, w as tf.Tensor]);
    return {
      value: tf.mul(normed, w as tf.Tensor),
      gradFunc: (dy, saved) => {
        const [t0, r0, normed0, w0] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return [inputGradient(dy, t0, r0, w0), tf.sum(tf.mul(dy, normed0), [0, 1])];
      },
    };
  })(x, weight) as tf.Tensor3D;
}

/** softmax(q k^T + bias), T5's: no division by sqrt(dKv). `[rows, numHeads, query, key]`. */
export function attentionWeights(q: tf.Tensor4D, k: tf.Tensor4D, bias: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.softmax(tf.add(tf.matMul(q, k, false, true), bias)) as tf.Tensor4D);
}

/**
 * The attention core, softmax(q k^T + bias) v, with its gradient by hand.
 * q: `[rows, numHeads, query, dKv]`; k, v: `[rows, numHeads, key, dKv]`; bias: broadcastable to
 * `[rows, numHeads, query, key]`, whose gradient is computed only if `biasTrained`.
 */
export function attentionCore(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  bias: tf.Tensor4D,
  biasTrained: boolean,
): tf.Tensor4D {
  type Saved = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const backward = (dy: tf.Tensor, [qs, ks, vs, weights]: Saved): tf.Tensor[] => {
    const dWeights = tf.matMul(dy, vs, false, true);
    const weighted = tf.mul(dWeights, weights);
    const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)));
    const gradients: tf.Tensor[] = [
      tf.matMul(dScores, ks),
      tf.matMul(dScores, qs, true, false),
      tf.matMul(weights, dy, true, false),
    ];
    if (biasTrained) {
      const axes = bias.shape.flatMap((n, axis) => (n === 1 && dScores.shape[axis] !== 1 ? [axis] : []));
      gradients.push(axes.length > 0 ? tf.sum(dScores, axes, true) : dScores);
    }
    return gradients;
  };
  const forward = (inputs: Parameters<Parameters<typeof tf.customGrad>[0]>) => {
    const [qs, ks, vs] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const weights = attentionWeights(qs, ks, bias);
    (inputs[inputs.length - 1] as tf.GradSaveFunc)([qs, ks, vs, weights]);
    return {
      value: tf.matMul(weights, vs) as tf.Tensor,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => backward(dy, saved as Saved),
    };
  };
  const fused = tf.customGrad((...inputs) => forward(inputs));
  return (biasTrained ? fused(q, k, v, bias) : fused(q, k, v)) as tf.Tensor4D;
}

/** The gradient of max(0, x) from its value y: dy where y > 0. One kernel where the backend has it. */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return nativeReluGradient(dy, y) ?? tf.mul(dy, tf.cast(tf.greater(y, 0), 'float32'));
}

/** max(0, x) with its gradient by hand. */
export function relu(x: tf.Tensor3D): tf.Tensor3D {
  return tf.customGrad((t, save) => {
    const value = tf.relu(t as tf.Tensor);
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy, [y]) => reluGradient(dy, y as tf.Tensor) };
  })(x) as tf.Tensor3D;
}

const geluFactor = Math.sqrt(2 / Math.PI);

/** gelu with the tanh approximation, 0.5 x (1 + tanh(c (x + 0.044715 x^3))) with c = sqrt(2/pi), and the tanh in it. */
export function geluTanhForward<T extends tf.Tensor>(x: T): { readonly value: T; readonly tanh: T } {
  const tanh = tf.tanh(tf.mul(x, tf.add(tf.mul(tf.square(x), 0.044715 * geluFactor), geluFactor))) as T;
  return { value: tf.mul(tf.mul(x, 0.5), tf.add(tanh, 1)), tanh };
}

/** The gradient of `geluTanhForward`'s value in x, from x and its tanh. */
export function geluTanhGradient(dy: tf.Tensor, x: tf.Tensor, tanh: tf.Tensor): tf.Tensor {
  const slope = tf.add(tf.mul(tf.square(x), 3 * 0.044715 * geluFactor), geluFactor);
  const curved = tf.mul(tf.mul(x, slope), tf.sub(1, tf.square(tanh)));
  return tf.mul(dy, tf.mul(0.5, tf.add(tf.add(tanh, 1), curved)));
}

/** gelu with the tanh approximation (see `geluTanhForward`), gradient by hand. */
export function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  return tf.customGrad((t, save) => {
    const { value, tanh } = geluTanhForward(t as tf.Tensor2D);
    (save as tf.GradSaveFunc)([t as tf.Tensor, tanh]);
    return {
      value,
      gradFunc: (dy, saved) => geluTanhGradient(dy, saved[0] as tf.Tensor, saved[1] as tf.Tensor),
    };
  })(x) as tf.Tensor2D;
}

/** Sums rows `[n, d]` by their ids `[n]` -> `[count, d]`; a product with one-hot ids where the kernel is missing (wasm). */
function sumRows(rows: tf.Tensor2D, ids: tf.Tensor1D, count: number): tf.Tensor2D {
  return hasKernel('UnsortedSegmentSum')
    ? tf.unsortedSegmentSum(rows, ids, count)
    : tf.matMul(tf.oneHot(ids, count), rows, true, false);
}

/**
 * Rows of an embedding table, `[vocabulary, d]` at ids `[rows, length]` -> `[rows, length, d]`, differentiable in the
 * table on every backend.
 */
export function embedTokens(table: tf.Tensor2D, ids: tf.Tensor2D, trained: boolean): tf.Tensor3D {
  if (!trained) return tf.gather<tf.Tensor>(table, ids) as tf.Tensor3D;
  const [vocabulary, d] = table.shape;
  return tf.customGrad((t, save) => {
    (save as tf.GradSaveFunc)([ids]);
    return {
      value: tf.gather(t as tf.Tensor2D, ids) as tf.Tensor,
      gradFunc: (dy, [saved]) =>
        sumRows(dy.reshape([-1, d]), (saved as tf.Tensor2D).flatten() as tf.Tensor1D, vocabulary),
    };
  })(table) as tf.Tensor3D;
}

/**
 * log sum exp of each row of logits `[n, vocabulary]`, out of their softmax: the largest probability is at least
 * 1/vocabulary, so its logarithm is safe where another's would not be.
 */
export function logSumExp(logits: tf.Tensor2D, probabilities: tf.Tensor2D): tf.Tensor1D {
  return tf.sub(tf.max(logits, -1), tf.log(tf.max(probabilities, -1)));
}

/**
 * Cross-entropy of each token with the vocabulary projection inside, so that the logits need no tape:
 * loss_n = logsumexp(z_n) - (1 - e) z_n[label_n] - e mean(z_n), with z = hidden table^T and e the label smoothing;
 * dz_n = softmax(z_n) - (1 - e) onehot(label_n) - e / vocabulary.
 *
 * hidden: `[tokens, d]`; table: `[vocabulary, d]`, whose gradient is computed only if `trained`; labels: `[tokens]`,
 * int32. Result: `[tokens]`.
 */
export function tokenCrossEntropy(
  hidden: tf.Tensor2D,
  table: tf.Tensor2D,
  labels: tf.Tensor1D,
  labelSmoothing: number,
  trained: boolean,
): tf.Tensor1D {
  const [vocabulary] = table.shape;
  const [tokens] = hidden.shape;
  const own = 1 - labelSmoothing;
  return fusedLayer<'table', [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D]>(
    [hidden],
    { table: { value: table, trained } },
    (weights) => {
      const logits = tf.matMul(hidden, weights.table as tf.Tensor2D, false, true) as tf.Tensor2D;
      const probabilities = tf.softmax(logits) as tf.Tensor2D;
      const offsets = tf.mul(tf.range(0, tokens, 1, 'int32'), tf.scalar(vocabulary, 'int32'));
      const right = tf.gather(logits.flatten(), tf.add(labels, offsets).toInt() as tf.Tensor1D);
      const smooth =
        labelSmoothing === 0
          ? right
          : tf.add(tf.mul(right, own), tf.mul(tf.mean(logits, -1), labelSmoothing));
      return {
        value: tf.sub(logSumExp(logits, probabilities), smooth),
        saved: [probabilities, labels, hidden],
        // dz stays implicit: its products with the table and the hidden states need rows of the labels, no one-hot matrix.
        backward: (dy, [p, label, h], { table: t }, isTrained) => {
          const column = dy.expandDims(-1);
          const ofProbabilities = tf.matMul(p, t as tf.Tensor2D);
          const ofLabels = tf.mul(tf.gather(t, label), own);
          const slope = tf.sub(ofProbabilities, ofLabels);
          const smoothed =
            labelSmoothing === 0 ? slope : tf.sub(slope, tf.mul(tf.mean(t, 0, true), labelSmoothing));
          const inputs = [tf.mul(smoothed, column)];
          if (!isTrained('table')) return { inputs, weights: {} };
          const scaled = tf.mul(h, column) as tf.Tensor2D;
          const seen = tf.mul(sumRows(scaled, label, vocabulary), own);
          const slopes = tf.sub(tf.matMul(p, scaled, true, false), seen);
          const every = tf.mul(tf.sum(scaled, 0, true), labelSmoothing / vocabulary);
          return { inputs, weights: { table: labelSmoothing === 0 ? slopes : tf.sub(slopes, every) } };
        },
      };
    },
  ) as tf.Tensor1D;
}
