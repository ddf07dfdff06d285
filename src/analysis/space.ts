import { gramOf } from './rowProducts';
import type { Vectors } from './vectors';

/**
 * Vectors of two sets in one matrix, the prompt's first, and what many measures need of them, computed once when first
 * asked for.
 */
export type Space = {
  /** Rows of both sets together. */
  readonly n: number;
  readonly d: number;
  /** The first rows are the prompt's. */
  readonly prompt: number;
  /** `[n, d]`, row-major. */
  readonly rows: Float64Array;
  /** The unit of each row: tokens of one sentence depend on each other and share it. No unit is in both sets. */
  readonly units: Int32Array;
  /** Euclidean length of each row. */
  norms(): Float64Array;
  /** Rows divided by their lengths `[n, d]`; null where a row is zero. */
  directions(): Float64Array | null;
  /** Scalar products `[n, n]`. */
  gram(): Float64Array;
  /** Euclidean distances `[n, n]`. */
  distances(): Float64Array;
  /** Each row's nearest other rows, nearest first, ties by row: `[n, depth]`. */
  neighbours(depth: number): Int32Array;
};

/** Computes on the first call, and remembers. */
function once<T>(compute: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: compute() }).value;
}

function distancesOf(gram: Float64Array, n: number): Float64Array {
  const distances = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const own = (gram[i * n + i] as number) + (gram[j * n + j] as number);
      // Rounding may leave a distance of zero a little below it.
      const distance = Math.sqrt(Math.max(0, own - 2 * (gram[i * n + j] as number)));
      distances[i * n + j] = distance;
      distances[j * n + i] = distance;
    }
  return distances;
}

/** The `depth` smallest entries of each row but its own, by insertion: few of a row's entries pass the last one kept. */
export function nearest(distances: Float64Array, n: number, depth: number): Int32Array {
  const found = new Int32Array(n * depth);
  const kept = new Float64Array(depth);
  for (let i = 0; i < n; i++) {
    let count = 0;
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const distance = distances[i * n + j] as number;
      if (count === depth && distance >= (kept[depth - 1] as number)) continue;
      let place = count < depth ? count++ : depth - 1;
      for (; place > 0 && (kept[place - 1] as number) > distance; place--) {
        kept[place] = kept[place - 1] as number;
        found[i * depth + place] = found[i * depth + place - 1] as number;
      }
      kept[place] = distance;
      found[i * depth + place] = j;
    }
  }
  return found;
}

type Basis = Pick<Space, 'n' | 'd' | 'prompt' | 'rows' | 'units'>;

function spaceFrom(basis: Basis, knownGram?: () => Float64Array): Space {
  const { n, d, rows } = basis;
  const norms = once(() =>
    Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let k = i * d; k < (i + 1) * d; k++) sum += (rows[k] as number) ** 2;
      return Math.sqrt(sum);
    }),
  );
  const gram = once(knownGram ?? (() => gramOf(rows, n, d)));
  const distances = once(() => distancesOf(gram(), n));
  const directions = once(() => {
    const lengths = norms();
    if (lengths.includes(0)) return null;
    return rows.map((value, i) => value / (lengths[Math.floor(i / d)] as number));
  });
  const lists = new Map<number, Int32Array>();
  const neighbours = (depth: number): Int32Array => {
    const list = lists.get(depth) ?? nearest(distances(), n, depth);
    lists.set(depth, list);
    return list;
  };
  return { ...basis, norms, directions, gram, distances, neighbours };
}

/**
 * Both sets in one space.
 *
 * @param units the unit of each prompt and of each input vector, e.g. its sentence; without them each vector is its own.
 */
export function space(
  prompt: Vectors,
  inputs: Vectors,
  units: { readonly prompt?: ArrayLike<number>; readonly inputs?: ArrayLike<number> } = {},
): Space {
  const d = prompt[0]?.length ?? inputs[0]?.length ?? 0;
  const n = prompt.length + inputs.length;
  const rows = new Float64Array(n * d);
  [...prompt, ...inputs].forEach((vector, i) => rows.set(vector, i * d));
  const numbers = new Map<string, number>();
  const number = (side: string, unit: number): number => {
    const key = `${side}${unit}`;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  const own = [
    ...Array.from(prompt, (_, i) => number('p', units.prompt?.[i] ?? i)),
    ...Array.from(inputs, (_, i) => number('x', units.inputs?.[i] ?? i)),
  ];
  return spaceFrom({ n, d, prompt: prompt.length, rows, units: Int32Array.from(own) });
}

/** The space of some rows of another, in their order; the first `prompt` of them are the prompt's. */
export function subspace(of: Space, chosen: ArrayLike<number>, prompt: number): Space {
  const { d } = of;
  const n = chosen.length;
  const order = Int32Array.from(chosen);
  const rows = new Float64Array(n * d);
  order.forEach((row, i) => rows.set(of.rows.subarray(row * d, (row + 1) * d), i * d));
  const units = order.map((row) => of.units[row] as number);
  const slice = (): Float64Array => {
    const whole = of.gram();
    const part = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      const start = (order[i] as number) * of.n;
      for (let j = 0; j < n; j++) part[i * n + j] = whole[start + (order[j] as number)] as number;
    }
    return part;
  };
  return spaceFrom({ n, d, prompt, rows, units }, slice);
}

/** The rows of each unit, a unit's first row first. */
export function unitsOf(space: Space): Int32Array[] {
  const rows = new Map<number, number[]>();
  space.units.forEach((unit, row) => {
    const own = rows.get(unit);
    if (own === undefined) rows.set(unit, [row]);
    else own.push(row);
  });
  return [...rows.values()].map((own) => Int32Array.from(own));
}

/**
 * Single vectors left out one at a time would not do for medians and neighbours, which change by jumps: a block has to
 * hold about as many vectors as the root of all.
 */
const MOST_BLOCKS = 30;

/**
 * Each set's units in blocks, at most 30 of them: what a jackknife leaves out one at a time. With no more units than that,
 * each unit is a block; of more, as many to a block as can be, since some measures change with the number of vectors left.
 */
export function blocksOf(
  space: Space,
): readonly [prompt: readonly Int32Array[], inputs: readonly Int32Array[]] {
  const all = unitsOf(space);
  const blocks = (units: readonly Int32Array[]): Int32Array[] => {
    const size = Math.ceil(units.length / MOST_BLOCKS);
    const count = Math.ceil(units.length / size);
    return Array.from({ length: count }, (_, block) =>
      Int32Array.from(units.flatMap((unit, i) => (i % count === block ? [...unit] : []))),
    );
  };
  const isPrompt = (unit: Int32Array): boolean => (unit[0] as number) < space.prompt;
  return [blocks(all.filter(isPrompt)), blocks(all.filter((unit) => !isPrompt(unit)))];
}

/** The rows of the largest block: how many neighbours a row may lose when one is left out. */
export function largestBlock(space: Space): number {
  return Math.max(0, ...blocksOf(space).flatMap((blocks) => blocks.map((block) => block.length)));
}
