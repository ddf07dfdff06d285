import { tf } from './backend';

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

/** max(0, x), its gradient in two kernels instead of tfjs's five. */
export function relu(x: tf.Tensor3D): tf.Tensor3D {
  return tf.customGrad((t, save) => {
    const value = tf.relu(t as tf.Tensor);
    (save as tf.GradSaveFunc)([value]);
    return { value, gradFunc: (dy, [y]) => tf.mul(dy, tf.cast(tf.greater(y as tf.Tensor, 0), 'float32')) };
  })(x) as tf.Tensor3D;
}

/** gelu with the tanh approximation, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), gradient by hand. */
export function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  const c = Math.sqrt(2 / Math.PI);
  return tf.customGrad((t, save) => {
    const input = t as tf.Tensor;
    const inner = tf.mul(input, tf.add(tf.mul(tf.square(input), 0.044715 * c), c));
    const tanh = tf.tanh(inner);
    (save as tf.GradSaveFunc)([input, tanh]);
    return {
      value: tf.mul(tf.mul(input, 0.5), tf.add(tanh, 1)),
      gradFunc: (dy, saved) => {
        const [u, th] = saved as [tf.Tensor, tf.Tensor];
        const slope = tf.add(tf.mul(tf.square(u), 3 * 0.044715 * c), c);
        const curved = tf.mul(tf.mul(u, slope), tf.sub(1, tf.square(th)));
        return tf.mul(dy, tf.mul(0.5, tf.add(tf.add(th, 1), curved)));
      },
    };
  })(x) as tf.Tensor2D;
}

/**
 * Rows of an embedding table, `[vocabulary, d]` at ids `[rows, length]` -> `[rows, length, d]`, differentiable in the
 * table on every backend: where the kernel behind gather's gradient is missing (wasm), it is a product with one-hot ids.
 */
export function embedTokens(table: tf.Tensor2D, ids: tf.Tensor2D, trained: boolean): tf.Tensor3D {
  if (!trained || hasKernel('UnsortedSegmentSum')) return tf.gather<tf.Tensor>(table, ids) as tf.Tensor3D;
  const [vocabulary, d] = table.shape;
  return tf.customGrad((t, save) => {
    (save as tf.GradSaveFunc)([ids]);
    return {
      value: tf.gather(t as tf.Tensor2D, ids) as tf.Tensor,
      gradFunc: (dy, [saved]) =>
        tf.matMul(tf.oneHot((saved as tf.Tensor).flatten(), vocabulary), dy.reshape([-1, d]), true, false),
    };
  })(table) as tf.Tensor3D;
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
  const forward = (h: tf.Tensor2D, t: tf.Tensor2D): { value: tf.Tensor; probabilities: tf.Tensor2D } => {
    const logits = tf.matMul(h, t, false, true) as tf.Tensor2D;
    const probabilities = tf.softmax(logits) as tf.Tensor2D;
    // The largest probability is at least 1/vocabulary, so its logarithm is safe where the label's would not be.
    const logSumExp = tf.sub(tf.max(logits, -1), tf.log(tf.max(probabilities, -1)));
    const positions = tf.add(labels, tf.mul(tf.range(0, tokens, 1, 'int32'), tf.scalar(vocabulary, 'int32')));
    const own = tf.gather(logits.flatten(), positions.toInt() as tf.Tensor1D);
    const smooth =
      labelSmoothing === 0
        ? own
        : tf.add(tf.mul(own, 1 - labelSmoothing), tf.mul(tf.mean(logits, -1), labelSmoothing));
    return { value: tf.sub(logSumExp, smooth), probabilities };
  };
  const logitsGradient = (dy: tf.Tensor, probabilities: tf.Tensor, own: tf.Tensor): tf.Tensor2D => {
    // Whole numbers first: wasm's one-hot kernel knows no others.
    const oneHot = tf.cast(tf.oneHot(own, vocabulary), 'float32');
    const target =
      labelSmoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - labelSmoothing), labelSmoothing / vocabulary);
    return tf.mul(tf.sub(probabilities, target), dy.expandDims(-1)) as tf.Tensor2D;
  };
  if (!trained) {
    return tf.customGrad((h, save) => {
      const { value, probabilities } = forward(h as tf.Tensor2D, table);
      (save as tf.GradSaveFunc)([probabilities, labels]);
      return {
        value,
        gradFunc: (dy, saved) =>
          tf.matMul(logitsGradient(dy, saved[0] as tf.Tensor, saved[1] as tf.Tensor), table),
      };
    })(hidden) as tf.Tensor1D;
  }
  return tf.customGrad((h, t, save) => {
    const { value, probabilities } = forward(h as tf.Tensor2D, t as tf.Tensor2D);
    (save as tf.GradSaveFunc)([probabilities, labels, h as tf.Tensor, t as tf.Tensor]);
    return {
      value,
      gradFunc: (dy, saved) => {
        const [p, own, hs, ts] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
        const dLogits = logitsGradient(dy, p, own);
        return [tf.matMul(dLogits, ts), tf.matMul(dLogits, hs, true, false)];
      },
    };
  })(hidden, table) as tf.Tensor1D;
}
