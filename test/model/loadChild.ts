import { peakBytes } from '../../src/bench/peakBytes';
import { loadT5 } from '../../src/model/checkpoint';
import { tf, useBackend } from '../../src/tensor/backend';

/** Loads a model in a process of its own, so that its peak memory can be told: `loadChild.ts FOLDER`. */
async function main(folder: string): Promise<void> {
  await useBackend('tensorflow');
  const before = peakBytes();
  const model = await loadT5(folder);
  const sum = tf.tidy(() => tf.addN([...model.weights.values()].map((weight) => tf.sum(weight))));
  const [total] = await sum.data();
  process.stdout.write(JSON.stringify({ before, peak: peakBytes(), total }));
}

void main(process.argv[2] as string);
