import { padBatch } from '../model/batch';
import { generate } from '../model/decode';
import { generationConfig, type GenerationConfig } from '../model/generationConfig';
import { untuned, type Tuning } from '../model/sites';
import type { T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { yieldToEvents } from './yieldToEvents';

/** Rows decoded together where it isn't said; each beam is one. */
export const defaultRows = 64;

export type GenerateOptions = {
  readonly generation?: Partial<GenerationConfig>;
  /** Rows of one forward pass, over all runs and beams. */
  readonly rows?: number;
  /** Told after each batch how many sources are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** When aborted, generation ends after its present batch by throwing the signal's reason. */
  readonly signal?: AbortSignal;
};

/**
 * Ids generated for each source by each run of a tuning, in the order of the sources: `[run][source]`.
 *
 * Sources of similar length share a batch, so that little is computed for padding; every run sees the same batches.
 */
export async function generateSorted(
  model: T5,
  sources: readonly (readonly number[])[],
  { generation = {}, rows = defaultRows, onProgress, signal }: GenerateOptions = {},
  tuning: Tuning = untuned,
  runs = 1,
): Promise<number[][][]> {
  const length = (index: number): number => sources[index]?.length ?? 0;
  const order = [...sources.keys()].sort((a, b) => length(b) - length(a));
  const batch = Math.max(1, Math.floor(rows / (runs * generationConfig(generation).numBeams)));
  const results = Array.from({ length: runs }, () => sources.map((): number[] => []));
  for (let start = 0; start < order.length; start += batch) {
    signal?.throwIfAborted();
    const indices = order.slice(start, start + batch);
    const own = indices.map((index) => sources[index] ?? []);
    const tokens = padBatch(
      results.flatMap(() => own),
      model.config.padTokenId,
    );
    try {
      const generated = await generate(model, tokens, generation, tuning);
      results.forEach((result, run) => {
        indices.forEach((index, i) => {
          result[index] = generated[run * indices.length + i] ?? [];
        });
      });
    } finally {
      tf.dispose(tokens);
    }
    onProgress?.(start + indices.length, order.length);
    await yieldToEvents();
  }
  return results;
}
