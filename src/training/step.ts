import { tf } from '../tensor/backend';
import { type EncodedExample, seq2SeqBatch } from '../model/batch';
import type { T5 } from '../model/t5';
import { joinTunings } from '../tuning/joinTunings';
import type { TuningMethod } from '../tuning/method';
import { runLosses } from './loss';
import { type Tensors, tensorNamed } from './optimizer';
import { yieldToEvents } from './yieldToEvents';

/** Runs of a step that share a configuration of the method, and their parameters' tensors, `[runs, ...]`. */
export type Block = { readonly methodConfig: object; readonly runs: number };

/** A method, the frozen model it tunes, and the runs of a step by their configurations, in the order of their rows. */
export type Tuned = {
  readonly model: T5;
  readonly method: TuningMethod;
  readonly blocks: readonly Block[];
};

/** The parameters that training changes: all but those that the method keeps as they start. */
export function trainedNames(method: TuningMethod, methodConfig: object, params: Tensors): readonly string[] {
  const frozen = method.frozen?.(methodConfig) ?? [];
  return Object.keys(params).filter((name) => !frozen.includes(name));
}

/** Target tokens of each run's examples. */
function tokens(perRun: readonly (readonly EncodedExample[])[]): number[] {
  return perRun.map((examples) => examples.reduce((sum, { target }) => sum + target.length, 0));
}

/**
 * One forward pass: each run's mean token loss on its own examples, which must be equally many for all runs. `params`
 * has each block's.
 */
function losses(
  { model, method, blocks }: Tuned,
  params: readonly Tensors[],
  perRun: readonly (readonly EncodedExample[])[],
  labelSmoothing: number,
): tf.Tensor1D {
  const batch = seq2SeqBatch(perRun.flat(), model.config.padTokenId);
  const tunings = blocks.map(({ methodConfig, runs }, block) => ({
    tuning: method.apply(model, methodConfig, params[block] as Tensors),
    runs,
  }));
  return runLosses(model, batch, joinTunings(tunings), perRun.length, labelSmoothing);
}

/** The losses as a function of all trained parameters in one list, and such a list by block and name. */
function trainable(
  tuned: Tuned,
  params: readonly Tensors[],
): {
  readonly values: readonly tf.Tensor[];
  readonly byBlock: (values: readonly tf.Tensor[]) => Tensors[];
  readonly losses: (
    values: readonly tf.Tensor[],
    ...of: [perRun: readonly (readonly EncodedExample[])[], labelSmoothing: number]
  ) => tf.Tensor1D;
} {
  const names = tuned.blocks.map(({ methodConfig }, block) =>
    trainedNames(tuned.method, methodConfig, params[block] as Tensors),
  );
  const byBlock = (values: readonly tf.Tensor[]): Tensors[] => {
    let next = 0;
    return names.map((own) => Object.fromEntries(own.map((name) => [name, values[next++] as tf.Tensor])));
  };
  return {
    values: names.flatMap((own, block) => own.map((name) => tensorNamed(params[block] as Tensors, name))),
    byBlock,
    losses: (values, ...of) => {
      const own = byBlock(values).map((trained, block) => ({ ...params[block], ...trained }));
      return losses(tuned, own, ...of);
    },
  };
}

/**
 * Each run's mean token loss on its examples, `[runs]`, and by block its gradient by trained parameter. Accumulated passes
 * are weighted by their target tokens, so the result is that of one pass over all examples.
 */
export function gradients(
  tuned: Tuned,
  params: readonly Tensors[],
  perRun: readonly (readonly EncodedExample[])[],
  { batch, accumulation, labelSmoothing }: { batch: number; accumulation: number; labelSmoothing: number },
): { readonly losses: tf.Tensor1D; readonly grads: Tensors[] } {
  return tf.tidy(() => {
    const { values, byBlock, losses } = trainable(tuned, params);
    const total = tokens(perRun);
    const sums: tf.Tensor[] = [];
    for (let pass = 0; pass < accumulation; pass++) {
      const examples = perRun.map((all) => all.slice(pass * batch, (pass + 1) * batch));
      const weights = tf.tensor1d(tokens(examples).map((count, run) => count / (total[run] as number)));
      const loss = (...inputs: tf.Tensor[]): tf.Tensor1D => losses(inputs, examples, labelSmoothing);
      const found = tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(loss)([...values], weights);
        return [value.mul(weights), ...grads];
      });
      found.forEach((tensor, i) => {
        const before = sums[i];
        sums[i] = before === undefined ? tensor : before.add(tensor);
        // Gradients may be as large as the model: none outlives its sum.
        if (before !== undefined) tf.dispose([before, tensor]);
      });
    }
    const [mean, ...grads] = sums as [tf.Tensor1D, ...tf.Tensor[]];
    return { losses: mean, grads: byBlock(grads) };
  });
}

/**
 * About the bytes that the tensors of one pass over the runs' examples and its gradient take at the most: those at the end
 * of the forward pass, or where the gradient, which frees little before its end, reaches a parameter. (Within a layer there
 * may be a third more.)
 */
export function passBytes(
  tuned: Tuned,
  params: readonly Tensors[],
  perRun: readonly (readonly EncodedExample[])[],
): number {
  return tf.tidy(() => {
    const { values, losses } = trainable(tuned, params);
    const before = tf.memory().numBytes;
    let most = 0;
    const look = <T>(value: T): T => {
      most = Math.max(most, tf.memory().numBytes - before);
      return value;
    };
    const watched = tf.customGrad((value) => ({
      value: (value as tf.Tensor).clone(),
      gradFunc: (dy) => look(dy.clone()),
    }));
    tf.grads((...inputs: tf.Tensor[]) =>
      look(
        losses(
          inputs.map((value) => watched(value)),
          perRun,
          0,
        ),
      ),
    )([...values]);
    return most;
  });
}

/** Each run's mean token loss over its whole dev split, every token weighing the same. */
export async function devLosses(
  tuned: Tuned,
  params: readonly Tensors[],
  devs: readonly (readonly EncodedExample[])[],
  batch: number,
): Promise<number[]> {
  const sorted = devs.map((dev) => [...dev].sort((a, b) => a.source.length - b.source.length));
  const sums = devs.map(() => 0);
  // Runs may have splits of different sizes; a row without target tokens fills up and weighs nothing.
  const filler: EncodedExample = { source: [tuned.model.config.endTokenId], target: [] };
  const longest = Math.max(...devs.map((dev) => dev.length));
  for (let start = 0; start < longest; start += batch) {
    const size = Math.min(batch, longest - start);
    const perRun = sorted.map((dev) => Array.from({ length: size }, (_, i) => dev[start + i] ?? filler));
    const found = tf.tidy(() => losses(tuned, params, perRun, 0));
    const values = await found.data();
    found.dispose();
    tokens(perRun).forEach((count, run) => {
      if (count > 0) sums[run] = (sums[run] as number) + count * (values[run] as number);
    });
    await yieldToEvents();
  }
  const total = tokens(devs);
  return sums.map((sum, run) => sum / (total[run] as number));
}
