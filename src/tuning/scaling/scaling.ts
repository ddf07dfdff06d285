import type { tf } from '../../tensor/backend';
import type { Random } from '../../tensor/random';
import type { Params, Shapes, StackedParams } from '../method';

/** What a variant may ask for when it starts. */
export type ScalingContext = {
  readonly rng: Random;
  /** Median norm of the input embeddings of the model's commonest tokens: what the prompt stands beside. */
  inputNorm(): Promise<number>;
};

/** How a scaled prompt is scaled: its parameters, their start, how they act, and whether they fold. One file a variant. */
export interface ScalingDefinition {
  readonly name: string;
  /** Shapes of one run's parameters beside the prompt's `[promptLength, dModel]`. */
  shapes(promptLength: number, dModel: number): Shapes;
  /** Parameters that stay as they start; `prompt` may be one of them. */
  readonly frozen?: readonly string[];
  /**
   * One run's parameters before training, for a prompt `[promptLength, dModel]`; a `prompt` among them takes the given
   * one's place. The caller owns them.
   */
  init(prompt: tf.Tensor2D, context: ScalingContext): Params | Promise<Params>;
  /**
   * The scaled prompt: prompt `[runs, promptLength, dModel]` -> the same shape. A variant gated by the input reads
   * `pooled`, `[rows, dModel]`, and gives `[rows, promptLength, dModel]`.
   */
  apply(prompt: tf.Tensor3D, params: StackedParams, pooled: () => tf.Tensor2D): tf.Tensor3D;
  /** After training, the scaled prompt is a plain prompt that depends on no input. */
  readonly folds: boolean;
}

/** A variant that a method's configuration can hold; as JSON it is its name. */
export interface Scaling extends ScalingDefinition {
  toJSON(): string;
}
