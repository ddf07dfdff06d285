import type { tf } from '../../tensor/backend';
import type { Params, StackedParams } from '../method';

/** How a scaled prompt is scaled: its parameters, their start, how they act, and whether they fold. One file a variant. */
export interface Scaling {
  readonly name: string;
  /** One run's parameters before training, for a prompt `[promptLength, dModel]`. The caller owns them. */
  init(prompt: tf.Tensor2D): Params;
  /**
   * The scaled prompt: prompt `[runs, promptLength, dModel]` -> the same shape. A variant gated by the input reads
   * `pooled`, `[rows, dModel]`, and gives `[rows, promptLength, dModel]`.
   */
  apply(prompt: tf.Tensor3D, params: StackedParams, pooled: () => tf.Tensor2D): tf.Tensor3D;
  /** After training, the scaled prompt is a plain prompt that depends on no input. */
  readonly folds: boolean;
}
