import type { Random } from '../tensor/random';
import type { Measure, Statistic } from './measure';
import { type Space, subspace, unitsOf } from './space';

/** Units that the null hypothesis calls alike, and relabellings of them. */
export type Relabellings = {
  readonly space: Space;
  /** The prompt's units first. */
  readonly units: readonly Int32Array[];
  /** The rows that each relabelling calls prompt. */
  readonly draws: readonly Int32Array[];
};

/**
 * What may be exchanged: where both sets come in units of several rows (or neither does), whole units; where each prompt
 * vector stands for itself but the inputs come by sentence, one vector drawn from each sentence, since sentences are not
 * like single vectors and the tokens of one are not independent.
 */
function exchangeable(space: Space, rng: Random): Space {
  const units = unitsOf(space);
  const prompt = units.filter((unit) => (unit[0] as number) < space.prompt);
  const inputs = units.filter((unit) => (unit[0] as number) >= space.prompt);
  const isThinned = prompt.every((unit) => unit.length === 1) && inputs.some((unit) => unit.length > 1);
  if (!isThinned) return space;
  const drawn = inputs.map((unit) => unit[rng.integer(unit.length)] as number);
  return subspace(space, [...prompt.map((unit) => unit[0] as number), ...drawn], space.prompt);
}

/** Draws relabellings: as many units as the prompt has, without replacement. */
export function relabellings(of: Space, count: number, rng: Random): Relabellings {
  const space = exchangeable(of, rng.fork('one of each sentence'));
  const all = unitsOf(space);
  const isPrompt = (unit: Int32Array): boolean => (unit[0] as number) < space.prompt;
  const units = [...all.filter(isPrompt), ...all.filter((unit) => !isPrompt(unit))];
  const size = all.filter(isPrompt).length;
  const order = Int32Array.from(units.keys());
  const draws = Array.from({ length: count }, () => {
    // The first steps of a shuffle are enough: the rest are the inputs in any order.
    for (let i = 0; i < size; i++) {
      const j = i + rng.integer(order.length - i);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return Int32Array.from([...order.subarray(0, size)].flatMap((unit) => [...(units[unit] as Int32Array)]));
  });
  return { space, units, draws };
}

/**
 * The permutation p-value of a statistic: the share of relabellings, the observed one counted in, that speak as much
 * against equal sets; two-sided where both tails do. A relabelling without a value counts as one that does.
 * Reference: Phipson and Smyth 2010, "Permutation P-values Should Never Be Zero".
 */
export function permutationP(
  statistic: Statistic,
  tail: NonNullable<Measure['tail']>,
  draws: readonly Int32Array[],
): number {
  let [greater, less] = [1, 1];
  for (const rows of draws) {
    const value = statistic.relabelled(rows);
    if (!(value < statistic.value)) greater++;
    if (!(value > statistic.value)) less++;
  }
  const share = { greater, less, both: Math.min(2 * Math.min(greater, less), draws.length + 1) }[tail];
  return share / (draws.length + 1);
}
