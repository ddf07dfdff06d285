import { tf } from '../tensor/backend';
import { type EncodedExample, seq2SeqBatch } from '../model/batch';
import type { T5 } from '../model/t5';
import type { TuningMethod } from '../tuning/method';
import { runLosses } from './loss';
import { type Tensors, tensorNamed } from './optimizer';
import { yieldToEvents } from './yieldToEvents';

/** A method, its configuration and the frozen model it tunes. */
export type Tuned<Config extends object = object> = {
  readonly model: T5;
  readonly method: TuningMethod<Config>;
  readonly methodConfig: Config;
};

/** The parameters that training changes: all but those that the method keeps as they start. */
export function trainedNames({ method, methodConfig }: Tuned, params: Tensors): readonly string[] {
  const frozen = method.frozen?.(methodConfig) ?? [];
  return Object.keys(params).filter((name) => !frozen.includes(name));
}

/** Target tokens of each run's examples. */
function tokens(perRun: readonly (readonly EncodedExample[])[]): number[] {
  return perRun.map((examples) => examples.reduce((sum, { target }) => sum + target.length, 0));
}

/** One forward pass: each run's mean token loss on its own examples, which must be equally many for all runs. */
function losses(
  { model, method, methodConfig }: Tuned,
  params: Tensors,
  perRun: readonly (readonly EncodedExample[])[],
  labelSmoothing: number,
): tf.Tensor1D {
  const batch = seq2SeqBatch(perRun.flat(), model.config.padTokenId);
  const tuning = method.apply(model, methodConfig, params);
  return runLosses(model, batch, tuning, perRun.length, labelSmoothing);
}

/**
 * Each run's mean token loss on its examples, `[runs]`, and its gradient by trained parameter. Accumulated passes are weighted by their
 * target tokens, so the result is that of one pass over all examples.
 */
export function gradients(
  tuned: Tuned,
  params: Tensors,
  perRun: readonly (readonly EncodedExample[])[],
  { batch, accumulation, labelSmoothing }: { batch: number; accumulation: number; labelSmoothing: number },
): { readonly losses: tf.Tensor1D; readonly grads: Tensors } {
  return tf.tidy(() => {
    const names = trainedNames(tuned, params);
    const values = names.map((name) => tensorNamed(params, name));
    const total = tokens(perRun);
    const sums: tf.Tensor[] = [];
    for (let pass = 0; pass < accumulation; pass++) {
      const examples = perRun.map((all) => all.slice(pass * batch, (pass + 1) * batch));
      const weights = tf.tensor1d(tokens(examples).map((count, run) => count / (total[run] as number)));
      const loss = (...inputs: tf.Tensor[]): tf.Tensor1D => {
        const own = Object.fromEntries(names.map((name, i) => [name, inputs[i] as tf.Tensor]));
        return losses(tuned, { ...params, ...own }, examples, labelSmoothing);
      };
      const found = tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(loss)(values, weights);
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
    return {
      losses: mean,
      grads: Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor])),
    };
  });
}

/** Each run's mean token loss over its whole dev split, every token weighing the same. */
export async function devLosses(
  tuned: Tuned,
  params: Tensors,
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
