import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { teacherForced } from '../../src/experiments/teacherForced';
import { seq2SeqBatch, type EncodedExample } from '../../src/model/batch';
import { t5v10 } from '../../src/model/config';
import { initT5 } from '../../src/model/checkpoint';
import { logits, type T5 } from '../../src/model/t5';
import { tf, useBackend } from '../../src/tensor/backend';
import { random } from '../../src/tensor/random';

const examples: readonly EncodedExample[] = [
  { source: [5, 6, 7, 1], target: [8, 9, 1] },
  { source: [9, 1], target: [4, 1] },
  { source: [3, 3, 3, 3, 3, 1], target: [2, 7, 7, 5, 1] },
];

describe('teacherForced', () => {
  let model: T5;
  beforeAll(async () => {
    await useBackend('tensorflow');
    model = initT5(
      {
        vocabulary: 12,
        dModel: 8,
        dKv: 4,
        dFf: 16,
        numHeads: 2,
        numEncoderLayers: 1,
        numDecoderLayers: 1,
        ...t5v10,
        relativeAttentionNumBuckets: 8,
        relativeAttentionMaxDistance: 16,
      },
      random(3),
    );
  });
  afterAll(() => model.dispose());

  it('is the mean over all target tokens, whatever the batches, and leaves no tensor behind', async () => {
    let loss = 0;
    let hits = 0;
    for (const example of examples) {
      const batch = seq2SeqBatch([example], 0);
      const scores = logits(model, batch);
      const rows = (await scores.array())[0] ?? [];
      example.target.forEach((label, i) => {
        const row = rows[i] ?? [];
        const sum = row.reduce((total, score) => total + Math.exp(score), 0);
        loss += Math.log(sum) - (row[label] ?? 0);
        if (row.indexOf(Math.max(...row)) === label) hits++;
      });
      tf.dispose([scores, batch.source, batch.target]);
    }
    const before = tf.memory().numTensors;
    for (const size of [1, 2, 32]) {
      const found = await teacherForced(model, examples, size);
      expect(found.loss).toBeCloseTo(loss / 10, 4);
      expect(found.accuracy).toBeCloseTo(hits / 10, 6);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
