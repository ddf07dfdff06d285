import { ConfigError } from '../errors';
import { chosenMetrics } from '../metrics/chosenMetrics';
import { type LabelledScore, labelledScore } from '../metrics/labelledScore';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { disposeTuning, type Params, type TuningMethod } from '../tuning/method';
import { stackParams } from '../tuning/stack';
import { type GenerateOptions, generateSorted } from './generateSorted';

/** What one run wrote for each example, in their order, and what it scored. */
export type Evaluation = {
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  /** By a metric's name or a protocol's key; where examples carry a label (`meta.label`), of each label's beside it. */
  readonly scores: Readonly<Record<string, LabelledScore>>;
};

export type EvaluateOptions = GenerateOptions & {
  /** An official script, whose scores stand beside those of the metrics named. */
  readonly protocol?: string | undefined;
};

/**
 * Generates with each run of a population for the same examples, and scores the texts: one evaluation a run.
 *
 * Where the method allows it, runs share forward passes (rows = runs x batch).
 * @throws ConfigError for an unknown metric or protocol, before anything is generated, or a model without a tokenizer.
 */
export async function evaluate<Config extends object>(
  model: T5,
  method: TuningMethod<Config>,
  methodConfig: Config,
  runs: readonly Params[],
  examples: readonly Example[],
  metricNames: readonly string[],
  { protocol, ...options }: EvaluateOptions = {},
): Promise<readonly Evaluation[]> {
  const { tokenizer } = model;
  if (tokenizer === undefined) throw new ConfigError('evaluate: the model has no tokenizer');
  if (examples.length === 0) throw new ConfigError('evaluate: the split is empty');
  const metrics = Object.entries(chosenMetrics({ metrics: metricNames, protocol }, 'outputs'));
  const references = examples.map((example) => example.references);
  const labels = examples.map(({ meta: { label } }) => (label === undefined ? undefined : String(label)));
  const sources = examples.map(({ source }) => tokenizer.encode(source));
  const groups = method.batchesRuns ? [runs] : runs.map((run) => [run]);
  const evaluations: Evaluation[] = [];
  for (const group of groups) {
    const params = stackParams(group);
    const tuning = method.apply(model, methodConfig, params);
    try {
      const perRun = await generateSorted(model, sources, options, tuning, group.length);
      for (const ids of perRun) {
        const texts = ids.map((own) => tokenizer.decode(own));
        const scores = Object.fromEntries(
          metrics.map(([key, metric]) => [key, labelledScore(metric, texts, references, labels)]),
        );
        evaluations.push({ texts, ids, scores });
      }
    } finally {
      tf.dispose(params);
      // What apply made of the parameters (Fine-Tuning's weights without the axis of runs) lived for the generation.
      disposeTuning(tuning);
    }
  }
  return evaluations;
}
