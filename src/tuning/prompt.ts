import { tf } from '../tensor/backend';
import { repeatRuns } from '../tensor/rows';
import { ShapeError } from '../errors';
import { shapeText } from '../tensor/shape';
import type { Activation } from '../model/sites';

/**
 * Sets each run's prompt before its rows: prompt `[runs, promptLength, dModel]`, input `[rows, length, dModel]` ->
 * `[rows, promptLength + length, dModel]`, the mask lengthened by ones.
 * @throws ShapeError if dModel differs or the rows are no multiple of the runs.
 */
export function prependPrompt(prompt: tf.Tensor3D, input: Activation): Activation {
  const [, promptLength, dModel] = prompt.shape;
  const [rows, , width] = input.values.shape;
  if (dModel !== width)
    throw new ShapeError(
      `prependPrompt: dModel must match; prompt ${shapeText(prompt.shape)}, input ${shapeText(input.values.shape)}`,
    );
  return {
    values: tf.concat([repeatRuns(prompt, rows), input.values], 1),
    mask: tf.concat([tf.ones([rows, promptLength]), input.mask], 1),
  };
}
