import { type Correlation, correlation } from '../analysis/correlation';
import type { GapMeasure } from '../analysis/embeddingGap';
import { type Estimate, estimate } from './estimate';
import { gapExcess } from './gapExcess';
import type { GapRecord, GapSet, InterventionRecord } from './gapRecords';

/** How one measure's gap differs between two sets, run by run. */
export type GapChange = {
  readonly measure: GapMeasure;
  /** Of the distance from the floor (see `gapExcess`): after minus before, over pairs of runs. */
  readonly change: Estimate;
  /** Mean gap after over mean gap before; null where that was 0. */
  readonly ratio: number | null;
  readonly verdict: 'narrower' | 'wider' | 'undecided';
};

export type GapFinding = {
  readonly before: GapSet;
  readonly after: GapSet;
  readonly changes: readonly GapChange[];
  readonly verdict: 'narrower' | 'wider' | 'mixed' | 'undecided';
  /** The finding in a sentence. */
  readonly text: string;
};

/** The rule by which `gapFinding` decides; written down before any run was measured. */
export const gapFindingRule =
  'A gap is how far a measure lies beyond its floor on the side that speaks against equal sets. Per measure, the ' +
  'difference of gaps is taken run by run (the same data set and seed); it is narrower or wider where its 95 % interval over runs (Student’s t) lies below or above 0, else undecided. Over all ' +
  'measures: narrower if more than half are narrower and none is wider; wider the other way round; mixed if some are ' +
  'narrower and some wider; else undecided.';

/** What an intervention that narrows the gap does to a run. */
export type CauseFinding = {
  readonly intervention: string;
  /** Its degree with the smallest mean gap; null where that doesn't narrow it for certain. */
  readonly strength: number | null;
  /** Changed minus unchanged, over runs. */
  readonly gap: Estimate | null;
  readonly bleu: Estimate | null;
  readonly loss: Estimate | null;
  readonly verdict: 'helps' | 'hurts' | 'undecided' | 'does not narrow';
  readonly text: string;
};

/**
 * The rule by which `causeFindings` decides; written down before any run was measured, save that narrowing has to be certain:
 * that came after a rotation, which leaves the gap as it is but for chance, had counted as narrowing.
 */
export const causeFindingRule =
  'Of each intervention’s degrees the one is taken whose gap is smallest on average over runs; BLEU is not looked at for ' +
  'this choice. It narrows the gap if the 95 % interval over runs (Student’s t) of the gap, changed minus unchanged, lies below 0 ' +
  '(of one run: if the gap is smaller). Narrowing helps or hurts where the 95 % interval over runs ' +
  '(Student’s t) of BLEU, changed minus unchanged, lies above or below 0, else undecided.';

const verdictOf = <Below extends string, Above extends string>(
  { interval }: Estimate,
  below: Below,
  above: Above,
): Below | Above | 'undecided' =>
  interval === null ? 'undecided' : interval[1] < 0 ? below : interval[0] > 0 ? above : 'undecided';

const runKey = ({ task, seed }: Pick<GapRecord, 'task' | 'seed'>): string => `${task}/${seed}`;

function changeOf(
  measure: GapMeasure,
  records: readonly GapRecord[],
  before: GapSet,
  after: GapSet,
): GapChange | null {
  const gaps = (set: GapSet): Map<string, number> =>
    new Map(
      records
        .filter((record) => record.set === set && record.measure === measure)
        .flatMap((record) => {
          const excess = gapExcess(record);
          return excess === null ? [] : [[runKey(record), excess] as const];
        }),
    );
  const [first, second] = [gaps(before), gaps(after)];
  const pairs = [...first].flatMap(([run, gap]) => {
    const other = second.get(run);
    return other === undefined ? [] : [{ before: gap, after: other }];
  });
  if (pairs.length === 0) return null;
  const change = estimate(pairs.map((pair) => pair.after - pair.before));
  const total = (of: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0);
  const start = total((pair) => pair.before);
  return {
    measure,
    change,
    ratio: start === 0 ? null : total((pair) => pair.after) / start,
    verdict: verdictOf(change, 'narrower', 'wider'),
  };
}

function overall(changes: readonly GapChange[]): GapFinding['verdict'] {
  const count = (verdict: GapChange['verdict']): number =>
    changes.filter((change) => change.verdict === verdict).length;
  const [narrower, wider] = [count('narrower'), count('wider')];
  if (narrower > 0 && wider > 0) return 'mixed';
  if (2 * narrower > changes.length) return 'narrower';
  return 2 * wider > changes.length ? 'wider' : 'undecided';
}

/** `a, b and c`. */
function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

const setNames: Readonly<Record<GapSet, string>> = {
  promptTuning: 'PT’s P',
  prompt: 'SPT’s P',
  scaled: 'SPT’s s ⊙ P',
  untrained: 'the untrained prompt',
  vocabulary: 'random vocabulary tokens',
};

/**
 * Whether the gap of one set is smaller than another's, by each measure and by all, decided by `gapFindingRule`. Runs are
 * the unit: records of one place, of one data set or of several.
 */
export function gapFinding(records: readonly GapRecord[], before: GapSet, after: GapSet): GapFinding {
  const measures = [...new Set(records.map(({ measure }) => measure))];
  const changes = measures
    .map((measure) => changeOf(measure, records, before, after))
    .filter((change) => change !== null);
  const verdict = overall(changes);
  const named = (wanted: GapChange['verdict']): string[] =>
    changes.filter((change) => change.verdict === wanted).map(({ measure }) => measure);
  const parts = (['narrower', 'wider', 'undecided'] as const).flatMap((wanted) => {
    const names = named(wanted);
    return names.length === 0 ? [] : [`${wanted} by ${names.length} (${listed(names)})`];
  });
  const runs = Math.max(0, ...changes.map(({ change }) => change.n));
  const text =
    changes.length === 0
      ? `${setNames[after]} against ${setNames[before]}: no pair of runs to compare.`
      : `The gap of ${setNames[after]} against that of ${setNames[before]}, ${runs} ${runs === 1 ? 'run' : 'runs'}, ` +
        `${changes.length} measures: ${verdict}. It is ${parts.join('; ')}.`;
  return { before, after, changes, verdict, text };
}

const number = (value: number, digits: number): string => value.toFixed(digits).replace(/^-/, '−');

/** `−3.1 (95 % −4.0 to −2.2, 4 runs)`. */
function estimateText({ mean, interval, n }: Estimate, digits: number): string {
  const runs = `${n} ${n === 1 ? 'run' : 'runs'}`;
  if (interval === null) return `${number(mean, digits)} (${runs}, no interval)`;
  return `${number(mean, digits)} (95 % ${number(interval[0], digits)} to ${number(interval[1], digits)}, ${runs})`;
}

const interventionRun = ({ task, method, seed }: InterventionRecord): string => `${task}/${method}/${seed}`;

type Pair = { readonly gap: number; readonly bleu: number; readonly loss: number };

/** Changed minus unchanged, for each run that has both; several draws of one run are averaged, since runs are the unit. */
function differences(
  records: readonly InterventionRecord[],
  unchanged: ReadonlyMap<string, InterventionRecord>,
  measure: string,
): Pair[] {
  const byRun = new Map<string, Pair[]>();
  for (const record of records) {
    const run = interventionRun(record);
    const base = unchanged.get(run);
    const [gap, from] = [record.gaps[measure]?.excess, base?.gaps[measure]?.excess];
    if (base === undefined || gap == null || from == null) continue;
    const pair = { gap: gap - from, bleu: record.bleu - base.bleu, loss: record.loss - base.loss };
    byRun.set(run, [...(byRun.get(run) ?? []), pair]);
  }
  const mean = (pairs: readonly Pair[], of: (pair: Pair) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair) / pairs.length, 0);
  return [...byRun.values()].map((pairs) => ({
    gap: mean(pairs, ({ gap }) => gap),
    bleu: mean(pairs, ({ bleu }) => bleu),
    loss: mean(pairs, ({ loss }) => loss),
  }));
}

/** Whether narrowing the gap by hand changes BLEU, for each intervention, decided by `causeFindingRule`. */
export function causeFindings(
  records: readonly InterventionRecord[],
  measure: string,
): readonly CauseFinding[] {
  const unchanged = new Map(
    records
      .filter(({ intervention }) => intervention === 'none')
      .map((record) => [interventionRun(record), record] as const),
  );
  const names = [...new Set(records.map(({ intervention }) => intervention))].filter(
    (name) => name !== 'none',
  );
  return names.map((intervention): CauseFinding => {
    const own = records.filter((record) => record.intervention === intervention);
    const degrees = [...new Set(own.map(({ strength }) => strength))]
      .map((strength) => ({
        strength,
        pairs: differences(
          own.filter((record) => record.strength === strength),
          unchanged,
          measure,
        ),
      }))
      .filter(({ pairs }) => pairs.length > 0)
      .map(({ strength, pairs }) => ({ strength, pairs, gap: estimate(pairs.map(({ gap }) => gap)) }));
    const best = degrees.reduce<(typeof degrees)[number] | null>(
      (least, degree) => (least === null || degree.gap.mean < least.gap.mean ? degree : least),
      null,
    );
    if (best === null || (best.gap.interval?.[1] ?? best.gap.mean) >= 0)
      return {
        intervention,
        strength: null,
        gap: best?.gap ?? null,
        bleu: null,
        loss: null,
        verdict: 'does not narrow',
        text:
          `${intervention}: does not narrow the gap (${measure}) for certain, so it says nothing of narrowing` +
          (best === null ? '.' : `: at degree ${best.strength} it changes by ${estimateText(best.gap, 3)}.`),
      };
    const bleu = estimate(best.pairs.map((pair) => pair.bleu));
    const loss = estimate(best.pairs.map((pair) => pair.loss));
    const verdict = verdictOf(bleu, 'hurts', 'helps');
    return {
      intervention,
      strength: best.strength,
      gap: best.gap,
      bleu,
      loss,
      verdict,
      text:
        `${intervention}, degree ${best.strength}: the gap (${measure}) changes by ${estimateText(best.gap, 3)}, BLEU by ` +
        `${estimateText(bleu, 1)}, loss by ${estimateText(loss, 3)}: narrowing ` +
        (verdict === 'undecided' ? 'neither helps nor hurts for certain.' : `${verdict}.`),
    };
  });
}

/** Whether runs with a smaller gap score better, in one data set. */
export type CompanyFinding = {
  readonly task: string;
  readonly measure: string;
  /** Of gap and BLEU across runs. */
  readonly plain: Correlation;
  /** The same with the norm ratio held. */
  readonly givenNorm: Correlation;
  readonly text: string;
};

function correlationText({ value, interval, pValue, n }: Correlation): string {
  if (value === null) return `undefined (${n} runs)`;
  const between =
    interval === null ? 'no interval' : `95 % ${number(interval[0], 2)} to ${number(interval[1], 2)}`;
  const p = pValue === null ? '' : `, p = ${pValue.toPrecision(2)}`;
  return `${number(value, 2)} (${between}${p}, ${n} runs)`;
}

/** The correlation of gap with BLEU across the runs of each data set, as they are, and with the norm ratio held. */
export function companyFindings(
  records: readonly InterventionRecord[],
  measure: string,
): readonly CompanyFinding[] {
  const tasks = [...new Set(records.map(({ task }) => task))];
  return tasks.map((task) => {
    const runs = records
      .filter((record) => record.task === task && record.intervention === 'none')
      .flatMap(({ gaps, bleu }) => {
        const [gap, norm] = [gaps[measure]?.excess, gaps['normRatio']?.value];
        return gap == null || norm == null ? [] : [{ gap, norm, bleu }];
      });
    const [gap, bleu] = [runs.map((run) => run.gap), runs.map((run) => run.bleu)];
    const plain = correlation(gap, bleu);
    const givenNorm = correlation(gap, bleu, { given: runs.map(({ norm }) => norm) });
    return {
      ...{ task, measure, plain, givenNorm },
      text:
        `${task}: across runs, the gap (${measure}) and BLEU correlate by ${correlationText(plain)}; ` +
        `with the norm ratio held, by ${correlationText(givenNorm)}.`,
    };
  });
}
