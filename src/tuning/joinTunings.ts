import { ConfigError } from '../errors';
import type { Activation, Intervention, Site, Tuning } from '../model/sites';
import { tf } from '../tensor/backend';
import { rowsPerRun } from '../tensor/rows';

/** Runs of one configuration, and what their parameters do to the model. */
export type TuningOfRuns = { readonly tuning: Tuning; readonly runs: number };

function rowsOf({ values, mask }: Activation, start: number, count: number): Activation {
  return { values: values.slice([start, 0, 0], [count, -1, -1]), mask: mask.slice([start, 0], [count, -1]) };
}

/** Zeros before an activation that the mask hides, up to a length. */
function padLeft({ values, mask }: Activation, length: number): Activation {
  const missing = length - values.shape[1];
  if (missing === 0) return { values, mask };
  const own: [number, number] = [missing, 0];
  return { values: values.pad([[0, 0], own, [0, 0]]), mask: mask.pad([[0, 0], own]) };
}

/** Each tuning's intervention at a site on its own runs' rows. */
function joinAt(site: Site, parts: readonly TuningOfRuns[]): Intervention {
  const runs = parts.reduce((sum, part) => sum + part.runs, 0);
  return (output, input) => {
    const batch = rowsPerRun('joinTunings', output.values.shape[0], runs);
    let start = 0;
    const found = parts.map((part) => {
      const [first, count] = [start, part.runs * batch];
      start += count;
      const own = rowsOf(output, first, count);
      return part.tuning.interventions[site]?.(own, rowsOf(input, first, count)) ?? own;
    });
    const length = Math.max(...found.map(({ values }) => values.shape[1]));
    const padded = found.map((one) => padLeft(one, length));
    return {
      values: tf.concat(
        padded.map(({ values }) => values),
        0,
      ),
      mask: tf.concat(
        padded.map(({ mask }) => mask),
        0,
      ),
    };
  };
}

/**
 * Tunings of runs of different configurations as one, in the order of their rows: scalings, prompt lengths, ranks may
 * differ. Where sequences then differ in length, as behind prompts, the shorter ones are padded on the left with zeros
 * that the mask hides; T5's positions are differences, so each row's numbers stay those it has alone.
 *
 * @throws ConfigError for tunings with prefixes or weights of their own: those have no rows to share out.
 */
export function joinTunings(parts: readonly TuningOfRuns[]): Tuning {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first.tuning;
  if (
    parts.some(({ tuning: { prefixes, overrides } }) => Object.keys({ ...prefixes, ...overrides }).length > 0)
  )
    throw new ConfigError('joinTunings: runs that differ in prefixes or weights cannot share a step');
  const sites = new Set(parts.flatMap(({ tuning }) => Object.keys(tuning.interventions) as Site[]));
  return {
    interventions: Object.fromEntries([...sites].map((site) => [site, joinAt(site, parts)])),
    prefixes: {},
    overrides: {},
    owned: parts.flatMap(({ tuning }) => tuning.owned ?? []),
  };
}
