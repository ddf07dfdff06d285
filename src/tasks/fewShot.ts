import { ConfigError, DataError } from '../errors';
import { random } from '../tensor/random';
import type { Example } from './task';

export type FewShotDraw = {
  /** How many examples (for E2E: meaning representations) are drawn. */
  readonly shots: number;
  readonly seed: number;
  /** `one` drawn reference is the target; with `all`, each reference makes a training pair. */
  readonly references?: 'one' | 'all';
};

/** What an example's stratum is called in its `meta`: WebNLG has categories, FewShotWOZ domains. */
function stratum({ meta }: Example): string | undefined {
  const name = meta['category'] ?? meta['domain'];
  return name === undefined ? undefined : String(name);
}

/**
 * A seeded order of all examples. Where they have strata, every start of it holds each stratum within two of
 * its share: the j-th of a stratum's n examples comes at place (j + u) / n, with one random u in [0, 1) a stratum.
 */
function seededOrder(examples: readonly Example[], name: string, seed: number): Example[] {
  const rng = random(seed).fork(name);
  const shuffled = rng.shuffle(examples);
  const strata = new Map<string | undefined, Example[]>();
  for (const example of shuffled) {
    const members = strata.get(stratum(example));
    if (members === undefined) strata.set(stratum(example), [example]);
    else members.push(example);
  }
  if (strata.size < 2) return shuffled;
  const placed = [...strata].flatMap(([of, members]) => {
    const offset = rng.fork(`stratum ${of ?? ''}`).uniform();
    return members.map((example, j) => ({ example, place: (j + offset) / members.length }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ example }) => example);
}

/** The first `count` of a seeded order of all examples, so a smaller draw starts a larger one. */
function draw(examples: readonly Example[], count: number, name: string, seed: number): Example[] {
  if (!Number.isInteger(count) || count < 1)
    throw new ConfigError(`${name}: must be a whole number of at least 1; found ${count}`);
  if (count > examples.length)
    throw new DataError(`${name}: ${count} asked for, but the split has ${examples.length} examples`);
  return seededOrder(examples, name, seed).slice(0, count);
}

/**
 * Draws a few-shot training set: `shots` examples without replacement, each with one drawn reference as its target.
 *
 * The same seed gives the same draw on every platform, and K shots are the first K of more shots of the same seed. Where
 * the examples have categories (or domains), each is drawn in its share. With
 * `references: 'all'` the same examples are drawn and each gives one pair a reference, ids `id/0`, `id/1`, ...
 * Throws DataError when there are fewer examples than shots.
 */
export function fewShot(examples: readonly Example[], config: FewShotDraw): Example[] {
  const drawn = draw(examples, config.shots, 'shots', config.seed);
  if (config.references === 'all')
    return drawn.flatMap((example) =>
      example.references.map((target, i) => ({ ...example, id: `${example.id}/${i}`, target })),
    );
  const rng = random(config.seed).fork('reference');
  return drawn.map((example) => ({ ...example, target: rng.choice(example.references) }));
}

/**
 * Draws the examples that models are selected on: `size` of a dev split, the same for the same seed, a smaller subset
 * the start of a larger one. Throws DataError when there are fewer.
 */
export function devSubset(
  examples: readonly Example[],
  config: { readonly size: number; readonly seed: number },
): Example[] {
  return draw(examples, config.size, 'dev-size', config.seed);
}
