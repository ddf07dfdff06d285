import { tf } from '../tensor/backend';
import { bestSequence, startBeams, stepBeams, type Beams } from './beamSearch';
import type { KeyValue } from './attention';
import type { TokenBatch } from './batch';
import { generationConfig, type GenerationConfig } from './generationConfig';
import { untuned, type Tuning } from './sites';
import {
  decodeStep,
  encode,
  pass,
  startDecoding,
  type CrossMemory,
  type DecoderState,
  type Pass,
  type T5,
} from './t5';
import { argMax, forbidTokens } from './tokenScores';

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

/** Runs the encoder and sets up the decoder; every row stands `copies` times. */
function start(of: Pass, source: TokenBatch, copies: number): DecoderState {
  return tf.tidy(() => {
    const state = startDecoding(of, encode(of, source));
    const [rows] = source.ids.shape;
    if (copies === 1) return state;
    const index = tf.tensor1d(
      Array.from({ length: rows * copies }, (_, i) => Math.floor(i / copies)),
      'int32',
    );
    return reorder(state, index, true);
  });
}

/** The state with rows picked by index; the memory of the source moves only where `withMemory`. */
function reorder(state: DecoderState, index: tf.Tensor1D, withMemory: boolean): DecoderState {
  const pick = <T extends tf.Tensor>(tensor: T): T => tf.gather(tensor, index);
  const pickKeyValue = ({ key, value }: KeyValue): KeyValue => ({ key: pick(key), value: pick(value) });
  const pickMemory = (memory: CrossMemory): CrossMemory => ({
    ...pickKeyValue(memory),
    bias: pick(memory.bias),
  });
  return {
    memory: withMemory ? state.memory.map(pickMemory) : state.memory,
    past: state.past.map((keyValue) => keyValue && pickKeyValue(keyValue)),
  };
}

/** One step for all rows: the next-token logits of each, and the state with the new keys and values. */
async function step(
  of: Pass,
  state: DecoderState,
  tokens: readonly number[],
  position: number,
): Promise<{ readonly logits: Float32Array[]; readonly state: DecoderState }> {
  const next = tf.tidy(() =>
    decodeStep(of, state, tf.tensor2d([...tokens], [tokens.length, 1], 'int32'), position),
  );
  tf.dispose(state.past.filter((keyValue) => keyValue !== undefined));
  const flat = (await next.logits.data()) as Float32Array;
  next.logits.dispose();
  const vocabulary = flat.length / tokens.length;
  return {
    logits: tokens.map((_, row) => flat.subarray(row * vocabulary, (row + 1) * vocabulary)),
    state: { memory: state.memory, past: next.past },
  };
}

function release(state: DecoderState): void {
  tf.dispose(state.memory);
  tf.dispose(state.past.filter((keyValue) => keyValue !== undefined));
}

async function greedySearch(of: Pass, source: TokenBatch, config: GenerationConfig): Promise<number[][]> {
  const { decoderStartTokenId, endTokenId, padTokenId } = of.model.config;
  const sequences = Array.from({ length: source.ids.shape[0] }, () => [decoderStartTokenId]);
  const ended = sequences.map(() => false);
  let state = start(of, source, 1);
  for (let position = 0; position < config.maxNewTokens && ended.includes(false); position++) {
    const tokens = sequences.map((sequence, row) => (ended[row] ? padTokenId : (sequence.at(-1) as number)));
    const result = await step(of, state, tokens, position);
    state = result.state;
    sequences.forEach((sequence, row) => {
      if (ended[row]) return;
      const scores = result.logits[row] as Float32Array;
      forbidTokens(scores, sequence, endTokenId, config);
      sequence.push(argMax(scores));
      ended[row] = sequence.at(-1) === endTokenId;
    });
  }
  release(state);
  return sequences.map((sequence) => sequence.slice(1));
}

async function beamSearch(of: Pass, source: TokenBatch, config: GenerationConfig): Promise<number[][]> {
  const { decoderStartTokenId, endTokenId } = of.model.config;
  const { numBeams } = config;
  const items: Beams[] = Array.from({ length: source.ids.shape[0] }, () =>
    startBeams(decoderStartTokenId, config),
  );
  let state = start(of, source, numBeams);
  for (let position = 0; items.some((item) => !item.done); position++) {
    const tokens = items.flatMap((item) => item.running.map((beam) => beam.sequence.at(-1) as number));
    const result = await step(of, state, tokens, position);
    const parents = items.flatMap((item, row) => {
      const first = row * numBeams;
      const own = item.running.map((_, beam) => first + beam);
      if (item.done) return own;
      const next = stepBeams(item, result.logits.slice(first, first + numBeams), endTokenId, config);
      items[row] = next.beams;
      return next.parents.map((parent) => first + parent);
    });
    state = tf.tidy(() => reorder(result.state, tf.tensor1d(parents, 'int32'), false));
    tf.dispose(result.state.past.filter((keyValue) => keyValue !== undefined));
  }
  release(state);
  return items.map(bestSequence);
}
