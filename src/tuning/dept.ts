import { z } from 'zod';
import { tf } from '../tensor/backend';
import { repeatRuns } from '../tensor/rows';
import { normalValues } from './initialValues';
import { parameter, type TuningMethod } from './method';
import { prependPrompt } from './prompt';
import { initPrompt, type PromptInitConfig, promptInitOption } from './promptInit';
import { promptTuning } from './promptTuning';

export type DeptConfig = {
  readonly method: 'dept';
  /** Prompt tokens, promptLength. */
  readonly length: number;
  readonly init: PromptInitConfig;
  /** Rank of what is added to the input embeddings. */
  readonly rank: number;
  /** Positions of the source that something is added to; what stands behind them is read as it is. */
  readonly maxLength: number;
};

/**
 * DePT: a shorter prompt P `[promptLength, dModel]`, and A B added to the source's embeddings position by position, A
 * `[maxLength, rank]` and B `[rank, dModel]`. The defaults train as many numbers on T5-large as 50 prompt tokens:
 * 40 x 1024 + 8 x (256 + 1024). A is normal with deviation 0.02, B zero at the start.
 *
 * Does not fold: what is added to the source depends on the position.
 *
 * Reference: Shi and Lipani 2024 (arXiv 2309.05173), section 2.2; its two learning rates, 0.3 for P and 5e-4 for A and B,
 * are in `usualTraining`.
 */
export const dept: TuningMethod<DeptConfig> = {
  name: 'dept',
  defaults: { method: 'dept', length: 40, init: { kind: 'sampledVocabulary' }, rank: 8, maxLength: 256 },
  options: {
    length: z.int().min(1),
    init: promptInitOption,
    rank: z.int().min(1),
    maxLength: z.int().min(1),
  },
  startsAsIdentity: false,
  batchesRuns: true,
  batchesConfigs: true,
  usualTraining: { ...promptTuning.usualTraining, relativeRates: { A: 5e-4 / 0.3, B: 5e-4 / 0.3 } },
  shapes: ({ dModel }, { length, rank, maxLength }) => ({
    prompt: [length, dModel],
    A: [maxLength, rank],
    B: [rank, dModel],
  }),
  init: async (model, { length, init, rank, maxLength }, rng) => ({
    prompt: await initPrompt({ model, promptLength: length, rng }, init),
    A: normalValues([maxLength, rank], 0.02, rng.fork('A')),
    B: tf.zeros([rank, model.config.dModel]),
  }),
  apply: (_model, { maxLength }, params) => ({
    interventions: {
      'encoder.embed': ({ values, mask }) => {
        const [rows, length] = values.shape;
        const reached = Math.min(length, maxLength);
        const a = parameter<tf.Tensor3D>(params, 'A').slice([0, 0, 0], [-1, reached, -1]);
        const added = repeatRuns(tf.matMul(a, parameter(params, 'B')) as tf.Tensor3D, rows);
        const update =
          reached < length
            ? added.pad([
                [0, 0],
                [0, length - reached],
                [0, 0],
              ])
            : added;
        return prependPrompt(parameter(params, 'prompt'), { values: tf.add(values, update), mask });
      },
    },
    prefixes: {},
    overrides: {},
  }),
};
