import { z } from 'zod';
import { ConfigError, refusal } from '../errors';
import type { Json } from '../training/runStore';
import { type Split, splits } from '../tasks/task';
import { type TrainConfig, trainConfig, type TrainConfigInput } from '../training/trainConfig';
import { methodNamed } from '../tuning';
import type { TuningMethod } from '../tuning/method';
import { trainingDefaults } from './trainingDefaults';

/** A few-shot experiment: which model learns which task from how many examples, by which method, with which seeds. */
export type FewShotConfig = {
  /** `mini`, a folder, or a Hugging Face name. */
  readonly model: string;
  readonly task: string;
  /** The data's folder; null for the task's usual place. */
  readonly root: string | null;
  readonly shots: number;
  /** One drawn reference of an example is its target, or each makes a pair. */
  readonly references: 'one' | 'all';
  /** Each is one run. */
  readonly seeds: readonly number[];
  /** Examples of the dev split that the best step is chosen on; null for at most 100. */
  readonly devSize: number | null;
  /** The splits that shots and selection come from, where a set lacks `train` or `dev`; both may be the same one. */
  readonly trainSplit: Split;
  readonly devSplit: Split;
  readonly method: Readonly<Record<string, Json>> & { readonly method: string };
  readonly training: TrainConfig;
};

const seed = z.int().min(0);
const runSchema = z.strictObject({
  model: z.string(),
  task: z.string(),
  root: z.string().nullable().default(null),
  shots: z.int().min(1),
  references: z.enum(['one', 'all']).default('one'),
  seed: z.union([seed.transform((one) => [one]), z.array(seed).min(1)]).default([0]),
  devSize: z.int().min(1).nullable().default(null),
  trainSplit: z.enum(splits).default('train'),
  devSplit: z.enum(splits).default('dev'),
});
const runKeys: readonly string[] = Object.keys(runSchema.shape);
const trainingKeys: readonly string[] = Object.keys(trainConfig({ steps: 1, learningRate: 1 }));

function parse<T>(schema: z.ZodType<T>, value: unknown, key: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  throw new ConfigError(`config: ${refusal(issue, key)}`, { cause: result.error });
}

function pick(input: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([key]) => keys.includes(key)));
}

/** The method's own configuration: its defaults, changed by the keys that the input gives. */
function methodConfig(
  method: TuningMethod,
  input: Readonly<Record<string, unknown>>,
): FewShotConfig['method'] {
  const defaults = method.defaults as Readonly<Record<string, Json>>;
  const entries = Object.entries(defaults).map(([key, standard]) => {
    const schema = method.options[key];
    const value = input[key];
    if (schema === undefined || value === undefined) return [key, standard] as const;
    return [key, parse(schema, value, key) as Json] as const;
  });
  return { ...Object.fromEntries(entries), method: method.name };
}

/**
 * Resolves a flat configuration, `{ model, task, method, shots, seed, steps, learningRate, length, ... }`: keys of the
 * experiment, of training (see `TrainConfig`; `optimizer` may be a name) and of the method side by side; `seed` is one
 * number or several.
 * @throws ConfigError naming the first key that is unknown, missing or wrong.
 */
export function fewShotConfig(input: Readonly<Record<string, unknown>>): FewShotConfig {
  const name = parse(z.string(), input['method'], 'method');
  const method = methodNamed(name);
  const methodKeys = Object.keys(method.defaults);
  const known = ['method', ...runKeys, ...trainingKeys, ...methodKeys.filter((key) => key !== 'method')];
  const unknown = Object.keys(input).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new ConfigError(`config: unknown key '${unknown}'; ${name} knows ${known.join(', ')}`);
  const { seed: seeds, ...run } = parse(runSchema, pick(input, runKeys), '');
  const given = pick(input, trainingKeys);
  const optimizer =
    typeof given['optimizer'] === 'string' ? { name: given['optimizer'] } : given['optimizer'];
  const defaults = trainingDefaults(
    method,
    optimizer as TrainConfigInput['optimizer'],
    typeof given['learningRate'] === 'number' ? given['learningRate'] : undefined,
  );
  const training = trainConfig({
    ...defaults,
    ...given,
    optimizer: optimizer ?? defaults.optimizer,
  } as TrainConfigInput);
  return { ...run, seeds, method: methodConfig(method, input), training };
}
