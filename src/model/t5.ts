import type { tf } from '../tensor/backend';
import type { T5Config } from './config';
import type { WeightName } from './sites';
import type { Tokenizer } from './tokenizer';

/** A frozen T5. Weights keep Hugging Face's names and orientation (`[out, in]`), in float32. */
export type T5 = {
  readonly config: T5Config;
  readonly weights: ReadonlyMap<WeightName, tf.Tensor>;
  readonly tokenizer?: Tokenizer;
  dispose(): void;
};
