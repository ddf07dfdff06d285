import { createHash } from 'node:crypto';
import type { EncodedExample } from '../model/batch';
import { random } from '../tensor/random';

/**
 * Where a run's training examples come from: a list, gone through in a new seeded order each epoch, or a stream, which
 * must be a pure function of the step, so that a resumed run sees what it would have seen.
 */
export type ExampleSource =
  | readonly EncodedExample[]
  | {
      /** The `size` examples of a step, counted from 1. */
      batch(step: number, size: number): readonly EncodedExample[];
    };

const isList = (source: ExampleSource): source is readonly EncodedExample[] => Array.isArray(source);

/**
 * The examples of a step as a function of step, counted from 1. Epochs of a list follow each other without a gap, so a
 * batch may hold the end of one and the start of the next; the order depends on seed and epoch only.
 */
export function stepExamples(
  source: ExampleSource,
  seed: number,
): (step: number, size: number) => readonly EncodedExample[] {
  if (!isList(source)) return (step, size) => source.batch(step, size);
  const stream = random(seed).fork('batches');
  let epoch = -1;
  let order: readonly EncodedExample[] = [];
  return (step, size) =>
    Array.from({ length: size }, (_, i) => {
      const position = (step - 1) * size + i;
      const wanted = Math.floor(position / source.length);
      if (wanted !== epoch) {
        epoch = wanted;
        order = stream.fork(epoch).shuffle(source);
      }
      return order[position % source.length] as EncodedExample;
    });
}

/** What identifies a list of examples in a run's config; a stream has only its kind. */
export function fingerprint(source: ExampleSource): {
  readonly examples: number | 'stream';
  readonly sha256?: string;
} {
  if (!isList(source)) return { examples: 'stream' };
  const hash = createHash('sha256').update(JSON.stringify(source)).digest('hex');
  return { examples: source.length, sha256: hash.slice(0, 16) };
}
