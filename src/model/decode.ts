import { tf } from '../tensor/backend';
import { logSumExp } from '../tensor/fused';
import { bestSequence, startBeams, stepBeams, type Beams } from './beamSearch';
import type { TokenBatch } from './batch';
import { decodeStep, startDecoding, type DecoderState } from './cachedDecoding';
import { generationConfig, type GenerationConfig } from './generationConfig';
import { untuned, type Tuning } from './sites';
import { encode, pass, type Pass, type T5 } from './t5';
import { forbid, forbiddenTokens, topK } from './tokenScores';

/**
 * Generates by greedy or beam search with cached keys and values, batched over rows.
 * Returns each row's ids, without start token and padding, with the end token if it was produced.
 * @throws ConfigError if an option is out of range.
 */
export async function generate(
  model: T5,
  source: TokenBatch,
  options: Partial<GenerationConfig> = {},
  tuning: Tuning = untuned,
): Promise<number[][]> {
  const config = generationConfig(options);
  const of = pass(model, tuning);
  return config.numBeams === 1 ? greedySearch(of, source, config) : beamSearch(of, source, config);
}

/** Runs the encoder and sets up the decoder. */
function start(of: Pass, source: TokenBatch, { numBeams, maxNewTokens }: GenerationConfig): DecoderState {
  return tf.tidy(() => {
    const state = startDecoding(of, encode(of, source), maxNewTokens);
    // Beams share their source's memory; what they will have read so far is each one's own.
    const parents = Array.from({ length: source.ids.shape[0] * numBeams }, (_, i) =>
      Math.floor(i / numBeams),
    );
    return numBeams === 1 ? state : reorder(state, parents);
  });
}

/** The state whose rows continue those of `parents`. */
function reorder(state: DecoderState, parents: readonly number[]): DecoderState {
  const index = tf.tensor1d([...parents], 'int32');
  const past = state.past.map(
    (keyValue) =>
      keyValue && { key: tf.gather(keyValue.key, index), value: tf.gather(keyValue.value, index) },
  );
  return { ...state, past };
}

/** One step for all rows: the next-token logits of each, and the state with the new keys and values. */
function step(
  of: Pass,
  state: DecoderState,
  tokens: readonly number[],
  position: number,
): { readonly logits: tf.Tensor2D; readonly state: DecoderState } {
  const next = tf.tidy(() => decodeStep(of, state, tf.tensor1d([...tokens], 'int32'), position));
  disposePast(state);
  return { logits: next.logits, state: { ...state, past: next.past } };
}

function disposePast(state: DecoderState): void {
  tf.dispose(state.past.filter((keyValue) => keyValue !== undefined));
}

/** A matrix's rows, on the host. */
async function readRows(matrix: tf.Tensor2D): Promise<Float32Array[]> {
  const [rows, width] = matrix.shape;
  const flat = await matrix.data<'float32'>();
  return Array.from({ length: rows }, (_, row) => flat.subarray(row * width, (row + 1) * width));
}

/** Each row's best token that is not forbidden to it. All scores are read only where the best of all may not come. */
async function bestTokens(
  logits: tf.Tensor2D,
  forbidden: readonly (readonly number[])[],
): Promise<readonly number[]> {
  const winners = tf.argMax(logits, -1);
  const best = [...(await winners.data<'int32'>())];
  winners.dispose();
  if (!forbidden.some((tokens, row) => tokens.includes(best[row] as number))) return best;
  return (await readRows(logits)).map((scores, row) => {
    forbid(scores, forbidden[row] ?? []);
    return topK(scores, 1)[0] as number;
  });
}

async function greedySearch(of: Pass, source: TokenBatch, config: GenerationConfig): Promise<number[][]> {
  const { decoderStartTokenId, endTokenId, padTokenId } = of.model.config;
  const sequences = Array.from({ length: source.ids.shape[0] }, () => [decoderStartTokenId]);
  const ended = sequences.map(() => false);
  let state = start(of, source, config);
  for (let position = 0; position < config.maxNewTokens && ended.includes(false); position++) {
    const tokens = sequences.map((sequence, row) => (ended[row] ? padTokenId : (sequence.at(-1) as number)));
    const next = step(of, state, tokens, position);
    state = next.state;
    const chosen = await bestTokens(
      next.logits,
      sequences.map((sequence, row) => (ended[row] ? [] : forbiddenTokens(sequence, endTokenId, config))),
    );
    next.logits.dispose();
    sequences.forEach((sequence, row) => {
      if (ended[row]) return;
      sequence.push(chosen[row] as number);
      ended[row] = sequence.at(-1) === endTokenId;
    });
  }
  tf.dispose(state);
  return sequences.map((sequence) => sequence.slice(1));
}

async function beamSearch(of: Pass, source: TokenBatch, config: GenerationConfig): Promise<number[][]> {
  const { decoderStartTokenId, endTokenId } = of.model.config;
  const { numBeams } = config;
  const items: Beams[] = Array.from({ length: source.ids.shape[0] }, () =>
    startBeams(decoderStartTokenId, config),
  );
  let state = start(of, source, config);
  for (let position = 0; items.some((item) => !item.done); position++) {
    const tokens = items.flatMap((item) => item.running.map((beam) => beam.sequence.at(-1) as number));
    const next = step(of, state, tokens, position);
    const sums = tf.tidy(() => logSumExp(next.logits, tf.softmax(next.logits)));
    const [logits, logSumExps] = [await readRows(next.logits), await sums.data<'float32'>()];
    tf.dispose([next.logits, sums]);
    const parents = items.flatMap((item, row) => {
      const first = row * numBeams;
      const last = first + numBeams;
      const own = item.running.map((_, beam) => first + beam);
      if (item.done) return own;
      const after = stepBeams(
        item,
        logits.slice(first, last),
        logSumExps.subarray(first, last),
        endTokenId,
        config,
      );
      items[row] = after.beams;
      return after.parents.map((parent) => first + parent);
    });
    state = tf.tidy(() => reorder(next.state, parents));
    disposePast(next.state);
  }
  tf.dispose(state);
  return items.map(bestSequence);
}
