import { tf } from '../tensor/backend';
import type { Random } from '../tensor/random';
import type { Params, Shapes } from './method';

/** Numbers drawn one after the other into a tensor. */
function drawn(shape: readonly number[], draw: () => number): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, draw);
  return tf.tensor(values, [...shape]);
}

/** Uniform in [-bound, bound]. */
export function uniformValues(shape: readonly number[], bound: number, rng: Random): tf.Tensor {
  return drawn(shape, () => (2 * rng.uniform() - 1) * bound);
}

/** Normal with mean 0. */
export function normalValues(shape: readonly number[], deviation: number, rng: Random): tf.Tensor {
  return drawn(shape, () => deviation * rng.normal());
}

/** PyTorch's start of a linear map `[out, in]`: uniform in [-1/sqrt(in), 1/sqrt(in)] (Kaiming with a = sqrt(5)). */
export function linearValues(shape: readonly number[], rng: Random): tf.Tensor {
  return uniformValues(shape, (shape.at(-1) as number) ** -0.5, rng);
}

/** Every parameter by its name and shape, from a stream of its own, so that none depends on the others' order. */
export function initialParams(
  shapes: Shapes,
  rng: Random,
  values: (name: string, shape: readonly number[], rng: Random) => tf.Tensor,
): Params {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, values(name, shape, rng.fork(name))]),
  );
}
