import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ConfigError, refusal } from '../errors';
import { fewShotConfig, type FewShotConfig } from './fewShotConfig';

/** An experiment among those of a population; its runs are `NAME_seed-S`, without a name `seed-S`. */
export type NamedConfig = { readonly name?: string; readonly config: FewShotConfig };

type Input = Readonly<Record<string, unknown>>;

const error = 'must be a list of runs, or lists of values by key';
const schema = z
  .union([z.array(z.record(z.string(), z.unknown())), z.record(z.string(), z.array(z.unknown()))], { error })
  .refine((runs) => changesOf(runs).length > 0 && !isDeepStrictEqual(runs, {}), { error });

/** What all runs of a population share. */
const common = ['model', 'task', 'root', 'method'];

/** Every combination of one value a key. */
function combinations(lists: Readonly<Record<string, readonly unknown[]>>): readonly Input[] {
  return Object.entries(lists).reduce<readonly Input[]>(
    (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** What each run changes. */
function changesOf(runs: Input[] | Record<string, unknown[]>): readonly Input[] {
  return Array.isArray(runs) ? runs : combinations(runs);
}

function valueText(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? Object.values(value).map(valueText).join('-')
    : String(value);
}

/** What a run differs in, as a folder's name: `length-20_init-uniform-0.5`. */
function nameOf(changes: Input): string | undefined {
  const { name } = changes;
  if (typeof name === 'string') return name;
  const parts = Object.entries(changes)
    .filter(([key]) => key !== 'seed')
    .map(([key, value]) => `${key}-${valueText(value)}`);
  return parts.length === 0 ? undefined : parts.join('_').replaceAll(/[^\w.,+-]+/g, '-');
}

/**
 * The experiments of a configuration (see `fewShotConfig`) whose key `runs` says in what they differ, be it shots, seeds,
 * learning rates or other keys of training, or keys of the method:
 *
 *     { model, task, method, shots: 100, seed: [1, 2], runs: [{ length: 20 }, { scaling: 'scalar', name: 'one-scale' }] }
 *     { model, task, method, seed: [1, 2], runs: { shots: [10, 100], learningRate: [0.1, 0.3] } }
 *
 * A list names each; lists of values by key stand for every combination. Each is one run a seed. Without `runs` there is
 * one experiment.
 * @throws ConfigError as `fewShotConfig` does, or where runs differ in model, task, data or method.
 */
export function fewShotConfigs({ runs, ...shared }: Input): readonly NamedConfig[] {
  if (runs === undefined) return [{ config: fewShotConfig(shared) }];
  const parsed = schema.safeParse(runs, { reportInput: true });
  if (!parsed.success) {
    const [issue] = parsed.error.issues as [z.core.$ZodIssue];
    throw new ConfigError(`config: ${refusal(issue, 'runs')}`, { cause: parsed.error });
  }
  const changes = changesOf(parsed.data);
  const apart = common.find((key) => changes.some((one) => key in one));
  if (apart !== undefined) throw new ConfigError(`config: runs: must share ${apart}: it stands beside runs`);
  return changes.map((one) => {
    const name = nameOf(one);
    const own = Object.entries(one).filter(([key]) => key !== 'name');
    const config = fewShotConfig({ ...shared, ...Object.fromEntries(own) });
    return name === undefined ? { config } : { name, config };
  });
}
