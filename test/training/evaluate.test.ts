import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bleu } from '../../src/metrics/bleu';
import { generate } from '../../src/model/decode';
import { padBatch } from '../../src/model/batch';
import type { T5 } from '../../src/model/t5';
import type { Tokenizer } from '../../src/model/tokenizer';
import type { Example } from '../../src/tasks/task';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';
import { evaluate } from '../../src/training/evaluate';
import { generateSorted } from '../../src/training/generateSorted';
import { fineTuning } from '../../src/tuning/fineTuning';
import type { Params } from '../../src/tuning/method';
import { promptTuning } from '../../src/tuning/promptTuning';
import { stackParams } from '../../src/tuning/stack';
import { tinyConfig, tinyExamples, tinyT5 } from '../support/tinyT5';

/** Words are ids in decimal. */
const tokenizer: Tokenizer = {
  vocabulary: tinyConfig.vocabulary,
  encode: (text) => [...text.split(' ').map(Number), tinyConfig.endTokenId],
  decode: (ids) => ids.filter((id) => id > 1).join(' '),
};

const methodConfig = { ...promptTuning.defaults, length: 3 };
let model: T5;
let prompts: readonly Params[];
beforeAll(async () => {
  await useBackend('tensorflow');
  model = { ...tinyT5(), tokenizer };
  prompts = await Promise.all([1, 2, 3].map((seed) => promptTuning.init(model, methodConfig, random(seed))));
});
afterAll(() => {
  tf.dispose([...prompts]);
  model.dispose();
});

const sources = tinyExamples(11, 8).map(({ source }) => source);
const generation = { maxNewTokens: 6 };

describe('generateSorted', () => {
  it('gives each run what it writes alone, in the order of the sources', async () => {
    const stacked = stackParams(prompts);
    const tuning = promptTuning.apply(model, methodConfig, stacked);
    const done: number[] = [];
    const tensors = tf.memory().numTensors;
    const together = await generateSorted(
      model,
      sources,
      { generation, rows: 12, onProgress: (count) => done.push(count) },
      tuning,
      3,
    );
    expect(tf.memory().numTensors).toBe(tensors);
    expect(done).toEqual([4, 8, 11]);
    for (const [run, prompt] of prompts.entries()) {
      const alone = stackParams([prompt]);
      for (const [i, source] of sources.entries()) {
        const batch = padBatch([source], 0);
        const [ids] = await generate(
          model,
          batch,
          generation,
          promptTuning.apply(model, methodConfig, alone),
        );
        expect(together[run]?.[i], `run ${run}, source ${i}`).toEqual(ids);
        tf.dispose(batch);
      }
      tf.dispose(alone);
    }
    expect(new Set(together.map((run) => JSON.stringify(run))).size).toBe(3);
    tf.dispose(stacked);
  });

  it('stops between batches when aborted', async () => {
    const controller = new AbortController();
    const attempt = generateSorted(model, sources, {
      generation,
      rows: 4,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(attempt).rejects.toThrow('enough');
  });
});

describe('evaluate', () => {
  const examples: readonly Example[] = sources.map((source, i) => ({
    id: String(i),
    source: source.slice(0, -1).join(' '),
    target: '',
    references: [tokenizer.decode(source), '2 3 4'],
    meta: {},
  }));

  it("scores each run's texts against all references", async () => {
    const tensors = tf.memory().numTensors;
    const found = await evaluate(model, promptTuning, methodConfig, prompts, examples, ['bleu'], {
      generation,
    });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(found).toHaveLength(3);
    for (const { texts, ids, scores } of found) {
      expect(texts).toEqual(ids.map((own) => tokenizer.decode(own)));
      const wanted = bleu(
        texts,
        examples.map(({ references }) => references),
      );
      expect(scores['bleu']).toMatchObject({ score: wanted.score, signature: wanted.signature, n: 11 });
    }
  });

  it("scores by an official protocol beside metrics, and each label's texts where examples carry one", async () => {
    const labelled = examples.map((example, i) => ({
      ...example,
      meta: { label: i < 4 ? 'seen' : 'unseen' },
    }));
    const attempt = (items: readonly Example[]): ReturnType<typeof evaluate> =>
      evaluate(model, promptTuning, methodConfig, prompts.slice(0, 1), items, ['rouge-1'], {
        generation,
        protocol: 'webnlg',
      });
    const [[whole], [parts]] = [await attempt(examples), await attempt(labelled)];
    expect(Object.keys(whole?.scores ?? {})).toEqual(['bleu', 'chrf++', 'ter', 'rouge-1']);
    expect(whole?.scores['bleu']?.signature).toContain('script:multi-bleu');
    expect(whole?.scores['ter']?.byLabel).toBeUndefined();
    const { byLabel, ...ter } = parts?.scores['ter'] ?? {};
    expect(ter).toEqual(whole?.scores['ter']);
    expect([byLabel?.['seen']?.n, byLabel?.['unseen']?.n]).toEqual([4, 7]);
    // A mean over items is the labels' means, weighed.
    const [seen, unseen] = [byLabel?.['seen']?.score ?? NaN, byLabel?.['unseen']?.score ?? NaN];
    expect((4 * seen + 7 * unseen) / 11).toBeCloseTo(whole?.scores['ter']?.score ?? NaN, 9);
    expect(seen).not.toBe(unseen);
  });

  it('takes methods that cannot share a pass one run after the other', async () => {
    const weights = await fineTuning.init(model, fineTuning.defaults, random(0));
    const tensors = tf.memory().numTensors;
    const found = await evaluate(model, fineTuning, fineTuning.defaults, [weights, weights], examples, [], {
      generation,
    });
    expect(tf.memory().numTensors).toBe(tensors);
    const [untuned] = await generateSorted(model, sources, { generation });
    expect(found.map(({ ids }) => ids)).toEqual([untuned, untuned]);
    tf.dispose(weights);
  });

  it('refuses an unknown metric, an empty split and a model without a tokenizer', async () => {
    const attempt = (t5: T5, split: readonly Example[], metric: string): Promise<unknown> =>
      evaluate(t5, promptTuning, methodConfig, prompts, split, [metric]);
    await expect(attempt(model, examples, 'blue')).rejects.toThrow('metrics: must be of bleu');
    await expect(attempt(model, [], 'bleu')).rejects.toThrow('evaluate: the split is empty');
    const { tokenizer: left, ...bare } = model;
    expect(left).toBe(tokenizer);
    await expect(attempt(bare, examples, 'bleu')).rejects.toThrow('evaluate: the model has no tokenizer');
  });
});
