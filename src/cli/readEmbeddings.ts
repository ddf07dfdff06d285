import type { Vectors } from '../analysis/vectors';
import { DataError, ShapeError } from '../errors';
import { openSafetensors } from '../model/safetensors';
import { shapeText } from '../tensor/shape';

/** Vectors of a file and the sentence of each, where it says so. */
export type Embeddings = { readonly vectors: Vectors; readonly sentences?: Float32Array };

/**
 * Reads a safetensors file's `embeddings` `[n, d]`, and `sentences` `[n]` if it holds them.
 * @throws ShapeError or DataError naming the file, where a shape is wrong or a number not finite.
 */
export async function readEmbeddings(file: string): Promise<Embeddings> {
  const opened = await openSafetensors(file);
  try {
    const values = await opened.read('embeddings');
    const shape = opened.entries.get('embeddings')?.shape ?? [];
    const [n = 0, d = 0] = shape;
    if (shape.length !== 2 || n === 0 || d === 0)
      throw new ShapeError(`${file}: embeddings must be [n, d], both at least 1; found ${shapeText(shape)}`);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1)
      throw new DataError(
        `${file}: embeddings must be finite; [${Math.floor(bad / d)}, ${bad % d}] is ${values[bad] as number}`,
      );
    const vectors = Array.from({ length: n }, (_, row) => values.subarray(row * d, (row + 1) * d));
    const entry = opened.entries.get('sentences');
    if (entry === undefined) return { vectors };
    if (shapeText(entry.shape) !== shapeText([n]))
      throw new ShapeError(
        `${file}: sentences must be [${n}], one a vector; found ${shapeText(entry.shape)}`,
      );
    return { vectors, sentences: await opened.read('sentences') };
  } finally {
    await opened.close();
  }
}
