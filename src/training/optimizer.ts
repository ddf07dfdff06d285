import { tf } from '../tensor/backend';

/** Tensors by name: parameters, their gradients, or an optimizer's state. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The learning rate of each parameter in one step, by parameter name: all runs' one, or each run's. */
export type LearningRates = Readonly<Record<string, number | readonly number[]>>;

/** A learning rate as a scalar, or each run's as `[runs, 1, ...]` of a rank. */
export function rateTensor(rate: number | readonly number[], rank: number): tf.Tensor {
  if (typeof rate === 'number') return tf.scalar(rate);
  return tf.tensor([...rate], [rate.length, ...Array<number>(rank - 1).fill(1)]);
}

/**
 * An optimizer: two pure functions on tensors with a leading `runs` axis, which never mix two runs.
 *
 * The state is a flat record of tensors, so that a checkpoint can hold it. Arguments are borrowed, results are the
 * caller's; every result is a new tensor.
 */
export type Optimizer = {
  /** The state before the first step. */
  init(params: Tensors): Tensors;
  /** One step; `step` counts from 1. */
  update(
    grads: Tensors,
    state: Tensors,
    params: Tensors,
    learningRates: LearningRates,
    step: number,
  ): { readonly params: Tensors; readonly state: Tensors };
};

/** The tensor of that name; a missing one is a mistake of the caller, named. */
export function tensorNamed(tensors: Tensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`no tensor '${name}' among ${Object.keys(tensors).join(', ')}`);
  return tensor;
}
