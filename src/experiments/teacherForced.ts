import { seq2SeqBatch, type EncodedExample } from '../model/batch';
import { logits, type T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { runLosses } from '../training/loss';
import { untuned } from '../model/sites';

/** Mean loss of a target token, and the share of target tokens that are the likeliest next one. */
export type TeacherForced = { readonly loss: number; readonly accuracy: number };

/** Measures a model on examples, the decoder reading the true target; every token weighs the same. */
export async function teacherForced(
  model: T5,
  examples: readonly EncodedExample[],
  batch = 32,
): Promise<TeacherForced> {
  const sorted = examples.toSorted((a, b) => a.source.length - b.source.length);
  let tokens = 0;
  let loss = 0;
  let hits = 0;
  for (let start = 0; start < sorted.length; start += batch) {
    const part = sorted.slice(start, start + batch);
    const measured = tf.tidy(() => {
      const padded = seq2SeqBatch(part, model.config.padTokenId);
      const likeliest = tf.argMax(logits(model, padded), -1).toInt();
      const right = tf.mul(tf.equal(likeliest, padded.target.ids).toFloat(), padded.target.mask);
      return tf.concat([runLosses(model, padded, untuned, 1), tf.sum(right).expandDims(0)]);
    });
    const [mean, right] = [...(await measured.data())] as [number, number];
    measured.dispose();
    const count = part.reduce((sum, { target }) => sum + target.length, 0);
    tokens += count;
    loss += mean * count;
    hits += right;
  }
  return { loss: loss / tokens, accuracy: hits / tokens };
}
