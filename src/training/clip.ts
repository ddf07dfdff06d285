import { tf } from '../tensor/backend';
import type { Tensors } from './optimizer';

/** Euclidean norm of each run's gradients taken together, `[runs]`. */
export function gradientNorms(grads: Tensors): tf.Tensor1D {
  return tf.tidy(() => {
    const squares = Object.values(grads).map((gradient) =>
      gradient
        .square()
        .reshape([gradient.shape[0] as number, -1])
        .sum(1),
    );
    return tf.addN(squares).sqrt() as tf.Tensor1D;
  });
}

/**
 * Scales each run's gradients by min(1, maxNorm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ does.
 *
 * `norms`: `[runs]`, from `gradientNorms`.
 */
export function clipGradients(grads: Tensors, norms: tf.Tensor1D, maxNorm: number): Tensors {
  return tf.tidy(() => {
    const factor = tf.div(maxNorm, norms.add(1e-6)).minimum(1);
    return Object.fromEntries(
      Object.entries(grads).map(([name, gradient]) => {
        const shape = gradient.shape.map((size, axis) => (axis === 0 ? size : 1));
        return [name, gradient.mul(factor.reshape(shape))];
      }),
    );
  });
}
