import { ConfigError } from '../../errors';
import { tf } from '../../tensor/backend';
import { parameter, type Params } from '../method';
import { stackParams } from '../stack';
import type { Scaling } from './scaling';

/**
 * The plain prompt `[promptLength, dModel]` that one run's scaled prompt is, exactly: folding changes nothing after
 * training. The caller owns it.
 * @throws ConfigError where the scale depends on the input, so that there is no one prompt.
 */
export function foldScaledPrompt(scaling: Scaling, params: Params): tf.Tensor2D {
  if (!scaling.folds)
    throw new ConfigError(`scaling ${scaling.name}: depends on the input, so it folds into no plain prompt`);
  const unread = (): never => {
    throw new ConfigError(`scaling ${scaling.name}: says that it folds, but reads the input`);
  };
  return tf.tidy(() => {
    const { prompt, ...scale } = stackParams([params]);
    return scaling
      .apply(parameter({ prompt: prompt as tf.Tensor }, 'prompt'), scale, unread)
      .squeeze<tf.Tensor2D>([0])
      .clone();
  });
}
