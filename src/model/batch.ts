import { tf } from '../tensor/backend';

/** Token ids of one example, each with its end token. */
export type EncodedExample = { readonly source: readonly number[]; readonly target: readonly number[] };

/** Padded ids and their mask (1 = token, 0 = padding), both `[rows, length]`, and each row's own length. */
export type TokenBatch = {
  readonly ids: tf.Tensor2D;
  readonly mask: tf.Tensor2D;
  readonly lengths: number[];
};

/** Source and target of one training batch; the decoder reads `target` shifted right. */
export type Seq2SeqBatch = { readonly source: TokenBatch; readonly target: TokenBatch };

/** Pads sequences on the right with `padTokenId`. The caller owns the tensors. */
export function padBatch(sequences: readonly (readonly number[])[], padTokenId: number): TokenBatch {
  const length = Math.max(1, ...sequences.map((s) => s.length));
  const ids = new Int32Array(sequences.length * length).fill(padTokenId);
  const mask = new Float32Array(sequences.length * length);
  sequences.forEach((sequence, row) => {
    ids.set(sequence, row * length);
    mask.fill(1, row * length, row * length + sequence.length);
  });
  const shape: [number, number] = [sequences.length, length];
  return {
    ids: tf.tensor2d(ids, shape, 'int32'),
    mask: tf.tensor2d(mask, shape),
    lengths: sequences.map((sequence) => sequence.length),
  };
}

/** Pads a batch of examples. The caller owns the tensors. */
export function seq2SeqBatch(examples: readonly EncodedExample[], padTokenId: number): Seq2SeqBatch {
  return {
    source: padBatch(
      examples.map((e) => e.source),
      padTokenId,
    ),
    target: padBatch(
      examples.map((e) => e.target),
      padTokenId,
    ),
  };
}
