import { ConfigError } from '../errors';
import { type Estimate, estimate, type Interval } from './estimate';
import { type ResultRow, rowEstimate, scoresBySeed } from './resultRow';

/** What a rule found: the number it looked at and its verdict. */
export type Judged = {
  readonly value: number;
  readonly interval: Interval | null;
  /** Seeds, or pairs of them, behind the value; 0 where nothing was drawn. */
  readonly runs: number;
  readonly verdict: string;
};

/** A rule that was written down before its rows were measured. */
export type Rule = {
  /** In one sentence, with the number that decides. */
  readonly says: string;
  readonly unit: string;
  /** Names of the rows it looks at. */
  readonly needs: readonly string[];
  /** Given those rows in that order. */
  readonly judge: (rows: readonly ResultRow[]) => Judged;
};

/** A rule's outcome; null where a row that it needs is not measured yet. */
export type Finding = Pick<Rule, 'says' | 'unit'> & { readonly judged: Judged | null };

/** Judges each rule by the rows there are. */
export function judge(rules: readonly Rule[], rows: readonly ResultRow[]): readonly Finding[] {
  const byName = new Map(rows.map((row) => [row.row, row]));
  return rules.map(({ says, unit, needs, judge: decide }) => {
    const found = needs.map((name) => byName.get(name)).filter((row) => row !== undefined);
    return { says, unit, judged: found.length === needs.length ? decide(found) : null };
  });
}

/**
 * How much higher row `a` scores than row `b`, over the seeds that both have; a row without seeds (the frozen model) is
 * taken from each of the other's. Throws ConfigError where they share no seed.
 */
export function difference(a: ResultRow, b: ResultRow): Estimate {
  const [high, low] = [scoresBySeed(a), scoresBySeed(b)];
  const seeds = [...high.keys()].filter((seed) => low.has(seed) || low.has(null));
  if (seeds.length === 0) throw new ConfigError(`rows: ${a.row} and ${b.row} share no seed`);
  return estimate(seeds.map((seed) => (high.get(seed) ?? NaN) - (low.get(seed) ?? low.get(null) ?? NaN)));
}

const passes = (is: boolean): string => (is ? 'pass' : 'fail');

function judgedBy({ mean, interval, n }: Estimate, is: boolean): Judged {
  return { value: mean, interval, runs: n, verdict: passes(is) };
}

/** The row's mean is below a limit, or at least a limit. */
export function limitRule(says: string, unit: string, row: string, holds: (mean: number) => boolean): Rule {
  return {
    says,
    unit,
    needs: [row],
    judge: ([only]) => {
      const row = only as ResultRow;
      const found = rowEstimate(row);
      const seeds = row.scores.filter(({ seed }) => seed !== null).length;
      return judgedBy({ ...found, n: seeds }, holds(found.mean));
    },
  };
}

/** Something holds of the difference of two rows, paired by seed. */
export function differenceRule(
  says: string,
  unit: string,
  [a, b]: readonly [string, string],
  holds: (found: Estimate) => boolean,
): Rule {
  return {
    says,
    unit,
    needs: [a, b],
    judge: ([first, second]) => {
      const found = difference(first as ResultRow, second as ResultRow);
      return judgedBy(found, holds(found));
    },
  };
}

/** The whole interval is above 0. */
export function isAboveZero({ interval }: Estimate): boolean {
  return interval !== null && interval[0] > 0;
}

/** The whole interval is below 0. */
export function isBelowZero({ interval }: Estimate): boolean {
  return interval !== null && interval[1] < 0;
}

/**
 * Rows in rising order of something score higher the more of it there is: the last above the first, with the interval of
 * the paired difference above 0, and none below the one before it with the interval of their difference below 0.
 */
export function risingRule(says: string, unit: string, rows: readonly string[]): Rule {
  return {
    says,
    unit,
    needs: rows,
    judge: (found) => {
      const [first, last] = [found[0] as ResultRow, found.at(-1) as ResultRow];
      const whole = difference(last, first);
      const drops = found.slice(1).some((row, i) => isBelowZero(difference(row, found[i] as ResultRow)));
      return judgedBy(whole, isAboveZero(whole) && !drops);
    },
  };
}
