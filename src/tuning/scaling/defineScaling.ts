import { createHash } from 'node:crypto';
import { ConfigError } from '../../errors';
import { scalings } from '.';
import type { Scaling, ScalingDefinition } from './scaling';

/**
 * A scaling variant of one's own, for the key `scaling` of scaled-prompt-tuning's configuration:
 *
 *     const squared = defineScaling({
 *       name: 'squared',
 *       shapes: (promptLength) => ({ scale: [promptLength] }),
 *       init: (prompt) => ({ scale: tf.ones([prompt.shape[0]]) }),
 *       apply: (prompt, { scale }) => tf.mul(prompt, tf.square(scale).expandDims(-1)),
 *       folds: true,
 *     });
 *     await train(model, scaledPromptTuning, { ...scaledPromptTuning.defaults, scaling: squared }, run, config);
 *
 * In a run's config.json it stands as its name and a hash of its functions, so that a changed definition is not taken for
 * the run of another. To load such a run, give the variant again (`loadTuning(model, folder, { scaling: squared })`).
 *
 * @throws ConfigError for the name of a variant of the library, or one that is not of lower-case words with hyphens.
 */
export function defineScaling(definition: ScalingDefinition): Scaling {
  const { name } = definition;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new ConfigError(`defineScaling: name must be lower-case words with hyphens; found '${name}'`);
  if (scalings[name] !== undefined)
    throw new ConfigError(`defineScaling: name must not be a variant of the library; found '${name}'`);
  const source = [definition.shapes, definition.init, definition.apply].map(String).join('\n');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 8);
  return { ...definition, toJSON: () => `${name}@${hash}` };
}
