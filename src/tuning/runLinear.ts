import { tf } from '../tensor/backend';
import { rowsPerRun } from '../tensor/rows';
import { parameter, type StackedParams } from './method';

/** Each run's rows as one matrix: `[rows, length, d]` -> `[runs, batch x length, d]`. */
function byRun(x: tf.Tensor3D, runs: number): tf.Tensor3D {
  const [rows, length, d] = x.shape;
  return x.reshape([runs, rowsPerRun('byRun', rows, runs) * length, d]);
}

/** Multiplies by each run's own factors: x `[rows, length, d]`, factor `[runs, d]`. */
export function timesPerRun(x: tf.Tensor3D, factor: tf.Tensor2D): tf.Tensor3D {
  return tf.mul(byRun(x, factor.shape[0]), factor.expandDims(1)).reshape(x.shape);
}

/** Adds each run's own vector: x `[rows, length, d]`, bias `[runs, d]`. */
export function plusPerRun(x: tf.Tensor3D, bias: tf.Tensor2D): tf.Tensor3D {
  return tf.add(byRun(x, bias.shape[0]), bias.expandDims(1)).reshape(x.shape);
}

/**
 * x W^T + b with each run's own map: x `[rows, length, in]`, weight `[runs, out, in]`, bias `[runs, out]` ->
 * `[rows, length, out]`.
 */
export function runLinear(x: tf.Tensor3D, weight: tf.Tensor3D, bias?: tf.Tensor2D): tf.Tensor3D {
  const [runs, out] = weight.shape;
  const [rows, length] = x.shape;
  const product = tf.matMul(byRun(x, runs), weight, false, true);
  return (bias === undefined ? product : tf.add(product, bias.expandDims(1))).reshape([rows, length, out]);
}

/** The trained map of that name, its weight `[runs, out, in]` and bias `[runs, out]`, on x `[rows, length, in]`. */
export function namedLinear(params: StackedParams, name: string, x: tf.Tensor3D): tf.Tensor3D {
  const weight = parameter<tf.Tensor3D>(params, `${name}.weight`);
  return runLinear(x, weight, parameter<tf.Tensor2D>(params, `${name}.bias`));
}
