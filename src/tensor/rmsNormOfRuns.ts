import { tf } from './backend';
import { rowsPerRun } from './rows';

/**
 * T5's layer norm where each run trains its own weight: y = w_run x / sqrt(mean(x^2) + epsilon).
 * x: `[rows, length, d]`, run-major; weight: `[runs, d]`. Gradients are those of `rmsNorm`, the weight's summed over a
 * run's own rows.
 */
export function rmsNormOfRuns(x: tf.Tensor3D, weight: tf.Tensor2D, epsilon: number): tf.Tensor3D {
  const [runs, d] = weight.shape;
  const ownRows = rowsPerRun('rmsNormOfRuns', x.shape[0], runs) * x.shape[1];
  const fused = tf.customGrad((t, w, save) => {
    const input = t as tf.Tensor;
    const r = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
    const normed = tf.mul(input, r);
    (save as tf.GradSaveFunc)([input, r, normed, w as tf.Tensor]);
    return {
      value: tf.mul(normed, tf.expandDims(w as tf.Tensor, 1)),
      gradFunc: (dy, saved) => {
        const [x0, r0, normed0, w0] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const g = tf.mul(dy, tf.expandDims(w0, 1));
        const along = tf.mul(x0, tf.mul(tf.square(r0), tf.mean(tf.mul(g, x0), -1, true)));
        return [tf.mul(r0, tf.sub(g, along)), tf.sum(tf.mul(dy, normed0), 1)];
      },
    };
  });
  return fused(x.reshape([runs, ownRows, d]), weight).reshape(x.shape);
}
