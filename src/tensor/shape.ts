import type { tf } from './backend';
import { ShapeError } from '../errors';

/** A tensor's shape as text: `[8, 64, 512]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/**
 * Requires a tensor to have a shape; `null` matches any size.
 * @throws ShapeError saying where, what must hold and what was found.
 */
export function assertShape(where: string, tensor: tf.Tensor, expected: readonly (number | null)[]): void {
  const fits =
    tensor.shape.length === expected.length && expected.every((n, i) => n === null || n === tensor.shape[i]);
  if (fits) return;
  const wanted = `[${expected.map((n) => n ?? '*').join(', ')}]`;
  throw new ShapeError(`${where}: shape must be ${wanted}; found ${shapeText(tensor.shape)}`);
}
