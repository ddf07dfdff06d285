import { itemByItem, type Metric, referenceCount } from './metric';
import { trimEnd, words } from './whitespace';

export type TerConfig = {
  readonly caseSensitive: boolean;
  /** Undo entities and split punctuation off first. */
  readonly normalized: boolean;
  /** Leave out . , ? : ; ! " ( ). */
  readonly noPunctuation: boolean;
};

export const terDefaults: TerConfig = { caseSensitive: false, normalized: false, noPunctuation: false };

// Tercom's limits, and sacrebleu's on the candidates.
const maxShiftLength = 10;
const maxShiftDistance = 50;
const maxCandidates = 1000;
const halfBeam = 25;

const infinity = 1e9;
/** How a cell of the distance matrix is reached: nothing done, a word substituted, a hypothesis word deleted, one inserted. */
const [keep, substitute, remove, insert] = [0, 1, 2, 3];

function normalize(text: string): string {
  const plain = text
    .replace(/\n-/g, '')
    .replace(/\n/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>');
  return ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
    .replace(/'s /g, " 's ")
    .replace(/'s$/, " 's")
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
}

function tokens(text: string, config: TerConfig): string[] {
  let result = trimEnd(text);
  if (!config.caseSensitive) result = result.toLowerCase();
  if (config.normalized) result = normalize(result);
  if (config.noPunctuation) result = result.replace(/[.,?:;!"()]/g, '');
  return words(result);
}

/** As `tokens`; sacrebleu prepares references twice, which splits further where it normalizes. */
function referenceTokens(text: string, config: TerConfig): string[] {
  const once = tokens(text, config);
  return config.normalized ? tokens(once.join(' '), config) : once;
}

/** The hypothesis position each reference word is aligned to, and which words of each are wrong. */
type Alignment = {
  readonly to: Int32Array;
  readonly wrongReference: Uint8Array;
  readonly wrongHypothesis: Uint8Array;
};

/**
 * Edit distances of one reference to word orders of one hypothesis, near the diagonal of the matrix only.
 *
 * A shift leaves the words before it where they are, so the matrix' rows up to there are those of the present order.
 */
class EditDistances {
  private readonly width: number;
  private readonly ratio: number;
  private readonly beam: number;
  private readonly costs: Int32Array;
  private readonly ways: Uint8Array;
  private readonly trial: Int32Array;

  constructor(
    private readonly reference: Int32Array,
    private readonly length: number,
  ) {
    this.width = reference.length + 1;
    this.ratio = length > 0 ? reference.length / length : 1;
    this.beam = halfBeam < this.ratio / 2 ? Math.ceil(this.ratio / 2 + halfBeam) : halfBeam;
    this.costs = new Int32Array((length + 1) * this.width);
    this.trial = new Int32Array((length + 1) * this.width);
    this.ways = new Uint8Array((length + 1) * this.width);
    for (let j = 0; j < this.width; j++) {
      this.costs[j] = j;
      this.ways[j] = insert as number;
    }
  }

  /** Fills the rows after `from`; the rows up to it are there. */
  private fill(costs: Int32Array, ways: Uint8Array | undefined, hypothesis: Int32Array, from: number): void {
    const { width, reference } = this;
    for (let i = from + 1; i <= this.length; i++) {
      const row = i * width;
      const above = row - width;
      const diagonal = Math.floor(i * this.ratio);
      const first = Math.max(0, diagonal - this.beam);
      const end = i === this.length ? width : Math.min(width, diagonal + this.beam);
      costs.fill(infinity, row, row + width);
      const word = hypothesis[i - 1];
      for (let j = first; j < end; j++) {
        let cost = infinity;
        let way = remove as number;
        if (j > 0) {
          const same = word === reference[j - 1];
          cost = costs[above + j - 1]! + (same ? 0 : 1);
          way = (same ? keep : substitute) as number;
        }
        if (costs[above + j]! + 1 < cost) {
          cost = costs[above + j]! + 1;
          way = remove as number;
        }
        if (j > 0 && costs[row + j - 1]! + 1 < cost) {
          cost = costs[row + j - 1]! + 1;
          way = insert as number;
        }
        costs[row + j] = cost;
        if (ways !== undefined) ways[row + j] = way;
      }
    }
  }

  /** Takes an order of words as the present one, the first `unchanged` words as they were; gives its distance. */
  take(hypothesis: Int32Array, unchanged: number): number {
    this.fill(this.costs, this.ways, hypothesis, unchanged);
    this.trial.set(this.costs);
    return this.costs.at(-1) ?? 0;
  }

  /** The distance of another order of words that starts with the present one's first `unchanged` words. */
  of(hypothesis: Int32Array, unchanged: number): number {
    const rows = (unchanged + 1) * this.width;
    this.trial.set(this.costs.subarray(0, rows));
    this.fill(this.trial, undefined, hypothesis, unchanged);
    return this.trial.at(-1) ?? 0;
  }

  /** How the present order is rewritten into the reference. */
  alignment(): Alignment {
    const to = new Int32Array(this.reference.length);
    const wrongReference = new Uint8Array(this.reference.length);
    const wrongHypothesis = new Uint8Array(this.length);
    let i = this.length;
    let j = this.reference.length;
    while (i > 0 || j > 0) {
      const way = this.ways[i * this.width + j];
      if (way !== insert) i--;
      if (way !== remove) j--;
      const wrong = way === keep ? 0 : 1;
      if (way !== insert) wrongHypothesis[i] = wrong;
      if (way !== remove) {
        wrongReference[j] = wrong;
        to[j] = way === insert ? i - 1 : i;
      }
    }
    return { to, wrongReference, wrongHypothesis };
  }
}

/** Words `start` to `start + length` set before the word at `target`; within themselves, behind what follows them. */
function shifted(order: Int32Array, start: number, length: number, target: number): Int32Array {
  const moved = order.subarray(start, start + length);
  const end = start + length;
  const rest =
    target < start
      ? [order.subarray(0, target), moved, order.subarray(target, start), order.subarray(end)]
      : target > end
        ? [order.subarray(0, start), order.subarray(end, target), moved, order.subarray(target)]
        : [
            order.subarray(0, start),
            order.subarray(end, length + target),
            moved,
            order.subarray(length + target),
          ];
  const result = new Int32Array(order.length);
  let offset = 0;
  for (const part of rest) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

const anyWrong = (flags: Uint8Array, start: number, length: number): boolean => {
  for (let i = start; i < start + length; i++) if (flags[i] === 1) return true;
  return false;
};

type Shift = {
  readonly gain: number;
  readonly length: number;
  readonly start: number;
  readonly target: number;
};

/** Tercom's ranking: the larger gain, the longer, the earlier in the hypothesis, the earlier target. */
function isBetter(a: Shift, b: Shift): boolean {
  if (a.gain !== b.gain) return a.gain > b.gain;
  if (a.length !== b.length) return a.length > b.length;
  if (a.start !== b.start) return a.start < b.start;
  return a.target < b.target;
}

/** The fewest edits found that make the reference of the hypothesis, where moving a run of words is one. */
export function tercomEdits(hypothesis: Int32Array, reference: Int32Array): number {
  if (reference.length === 0) return hypothesis.length;
  const distances = new EditDistances(reference, hypothesis.length);
  let order = hypothesis;
  let distance = distances.take(order, 0);
  let shifts = 0;
  let candidates = 0;
  for (;;) {
    const { to, wrongReference, wrongHypothesis } = distances.alignment();
    let best: Shift | undefined;

    const tryShift = (start: number, startOfReference: number, length: number): void => {
      if (!anyWrong(wrongHypothesis, start, length)) return;
      if (!anyWrong(wrongReference, startOfReference, length)) return;
      const aligned = to[startOfReference] as number;
      if (start <= aligned && aligned < start + length) return;
      let tried = -1;
      for (let at = startOfReference - 1; at < startOfReference + length; at++) {
        const target = at === -1 ? 0 : (to[at] as number) + 1;
        if (target === tried) continue;
        tried = target;
        const other = shifted(order, start, length, target);
        const gain = distance - distances.of(other, Math.min(start, target));
        const shift = { gain, length, start, target };
        candidates++;
        if (best === undefined || isBetter(shift, best)) best = shift;
      }
    };

    search: for (let start = 0; start < order.length; start++) {
      const first = Math.max(0, start - maxShiftDistance);
      const end = Math.min(reference.length, start + maxShiftDistance + 1);
      for (let at = first; at < end; at++) {
        for (let length = 1; length <= maxShiftLength; length++) {
          if (start + length > order.length || at + length > reference.length) break;
          if (order[start + length - 1] !== reference[at + length - 1]) break;
          tryShift(start, at, length);
          if (candidates >= maxCandidates) break search;
        }
      }
    }
    if (candidates >= maxCandidates || best === undefined || best.gain <= 0) return shifts + distance;
    const unchanged = Math.min(best.start, best.target);
    order = shifted(order, best.start, best.length, best.target);
    distance = distances.take(order, unchanged);
    shifts++;
  }
}

/** Texts' words as numbers, the same for the same word. */
export function numbered(texts: readonly (readonly string[])[]): Int32Array[] {
  const ids = new Map<string, number>();
  return texts.map((text) =>
    Int32Array.from(text, (word) => {
      const id = ids.get(word) ?? ids.size;
      ids.set(word, id);
      return id;
    }),
  );
}

/** One item's sums: the fewest edits over its references, its references' mean length. */
function statistics(hypothesis: readonly string[], references: readonly (readonly string[])[]): number[] {
  const [own = new Int32Array(), ...others] = numbered([hypothesis, ...references]);
  const edits = Math.min(...others.map((reference) => tercomEdits(own, reference)));
  const length = others.reduce((sum, reference) => sum + reference.length, 0) / others.length;
  return [edits, length];
}

function scoreSums([edits = 0, length = 0]: readonly number[]): number {
  if (length > 0) return (100 * edits) / length;
  return edits > 0 ? 100 : 0;
}

/**
 * TER, equal to sacrebleu's, which is Tercom's: edits (words inserted, deleted, substituted, and runs of words moved) that
 * make the closest reference of the hypothesis, over the references' mean length; 0 is best, 100 as many edits as words.
 *
 * Reference: Snover et al. 2006, "A Study of Translation Edit Rate with Targeted Human Annotation"; sacrebleu 2.6.
 */
export function terMetric(name: string, config: TerConfig): Metric {
  return {
    name,
    statistics: itemByItem((hypothesis, references) =>
      statistics(
        tokens(hypothesis, config),
        references.map((reference) => referenceTokens(reference, config)),
      ),
    ),
    score: scoreSums,
    signature: (references) =>
      [
        referenceCount(references),
        `case:${config.caseSensitive ? 'mixed' : 'lc'}`,
        'tok:tercom',
        `norm:${config.normalized ? 'yes' : 'no'}`,
        `punct:${config.noPunctuation ? 'no' : 'yes'}`,
        'asian:no',
        'version:2.6.0',
      ].join('|'),
  };
}
