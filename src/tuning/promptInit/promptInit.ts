import type { tf } from '../../tensor/backend';
import type { Random } from '../../tensor/random';
import type { T5 } from '../../model/t5';

/** What every kind of initial prompt is given. */
export type PromptInitContext = { readonly model: T5; readonly promptLength: number; readonly rng: Random };

/** A way to make a prompt's initial values, `[promptLength, dModel]`. The caller owns them. */
export type PromptInit<Config> = (
  context: PromptInitContext,
  config: Config,
) => tf.Tensor2D | Promise<tf.Tensor2D>;
