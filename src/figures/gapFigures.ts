import type { GapRecord, GapSet, HeadRecord } from '../experiments/gapRecords';
import type { GapStudy } from '../experiments/gapStudy';
import type { Figure, FigureSource } from './figure';
import { gapBeforeAfterFigure } from './gapBeforeAfterFigure';
import { gapSetMarks } from './gapSetMarks';
import { headHeatMapFigure } from './headHeatMapFigure';
import { interventionFigure } from './interventionFigure';
import { layerHeatMapFigure } from './layerHeatMapFigure';
import { layerLinesFigure } from './layerLinesFigure';
import { normHistogramFigure } from './normHistogramFigure';
import { colours } from './theme';
import { trajectoryFigure } from './trajectoryFigure';

/** The measure that heads and interventions are shown by. */
const measure = 'centroidGap';

const seedsOf = (records: readonly { readonly seed: number | null }[]): number[] =>
  [...new Set(records.map(({ seed }) => seed))].filter((seed) => seed !== null).sort((a, b) => a - b);

/** What the numbers of some records of a task rest on. */
function sourceOf(
  { plan }: GapStudy,
  preset: string,
  task: string,
  records: readonly { readonly seed: number | null }[],
): FigureSource {
  const { sentences, tokens } = plan;
  return {
    preset,
    n: `${tokens} tokens of at most ${sentences} dev examples of ${task}`,
    seeds: seedsOf(records),
  };
}

/** One set's number of each head minus another's, run by run. */
function headDifferences(records: readonly HeadRecord[], before: GapSet, after: GapSet): HeadRecord[] {
  const key = ({ seed, layer, head, part }: HeadRecord): string => `${seed}/${layer}/${head}/${part}`;
  const first = new Map(
    records.filter(({ set }) => set === before).map((record) => [key(record), record.value] as const),
  );
  return records
    .filter(({ set }) => set === after)
    .flatMap((record) => {
      const from = first.get(key(record)) ?? null;
      return from === null || record.value === null ? [] : [{ ...record, value: record.value - from }];
    });
}

/** Masses by what attends to what, in words. */
const massNames: Readonly<Record<string, string>> = {
  inputToPrompt: 'input to prompt',
  promptToInput: 'prompt to input',
  crossToPrompt: 'decoder to prompt',
};

/** A layer heat map where both sets were measured after layers. */
function layerMap(
  records: readonly GapRecord[],
  before: GapSet,
  after: GapSet,
  source: FigureSource,
): Figure | null {
  const both = [before, after].every((set) => records.some((record) => record.set === set));
  return both ? layerHeatMapFigure({ records, before, after, source }) : null;
}

/** All figures of one task. */
function taskFigures(study: GapStudy, preset: string, task: string): Readonly<Record<string, Figure | null>> {
  const of = <T extends { readonly task: string }>(records: readonly T[]): T[] =>
    records.filter((record) => record.task === task);
  const sources = (records: readonly { readonly seed: number | null }[]): FigureSource =>
    sourceOf(study, preset, task, records);
  const embedded = of(study.gaps).filter(({ layer }) => layer === 0);
  const deep = of(study.gaps).filter(({ layer, seed, set }) =>
    study.gaps.some(
      (other) => other.task === task && other.seed === seed && other.set === set && other.layer !== layer,
    ),
  );
  const heads = headDifferences(
    of(study.heads).filter((record) => record.measure === measure),
    'promptTuning',
    'scaled',
  );
  const masses = of(study.masses).filter((record) => record.measure === 'mass' && record.set === 'scaled');
  const { interventionExamples } = study.plan;
  const interventions = of(study.interventions);
  const trajectories = of(study.trajectories);
  const norms = of(study.norms);
  const normSets = [...new Set(norms.map(({ set }) => set))];
  return {
    'before-after':
      embedded.length === 0 ? null : gapBeforeAfterFigure({ records: embedded, source: sources(embedded) }),
    norms:
      norms.length === 0
        ? null
        : normHistogramFigure({
            sets: normSets.map((set) => ({
              ...(set === 'inputs' ? { name: 'input tokens', colour: colours.inputs } : gapSetMarks[set]),
              norms: norms.filter((record) => record.set === set).flatMap((record) => record.norms),
            })),
            source: sources(norms),
          }),
    layers: deep.length === 0 ? null : layerLinesFigure({ records: deep, source: sources(deep) }),
    'layer-map-scale': layerMap(deep, 'prompt', 'scaled', sources(deep)),
    'layer-map-methods': layerMap(deep, 'promptTuning', 'scaled', sources(deep)),
    heads:
      heads.length === 0
        ? null
        : headHeatMapFigure({
            title: 'Centroid gap in each head: s ⊙ P of SPT minus P of PT',
            note:
              'A cell is the difference of centroid gaps between prompt and input states of that head, mean over pairs of ' +
              'runs of one seed. Blue: smaller with SPT.',
            records: heads,
            isDiverging: true,
            what: 'centroid gap',
            source: sources(heads),
          }),
    attention:
      masses.length === 0
        ? null
        : headHeatMapFigure({
            title: 'Attention mass on the prompt and off it, in each head of SPT',
            note:
              'A cell is the mean share of attention, over queries, sentences and runs: from input positions to the prompt, ' +
              'from the prompt to input positions, and from the decoder to the prompt.',
            records: masses.map((record) => ({ ...record, part: massNames[record.part] ?? record.part })),
            isDiverging: false,
            what: 'of the attention',
            source: sources(masses),
          }),
    trajectories:
      trajectories.length === 0
        ? null
        : trajectoryFigure({ records: trajectories, source: sources(trajectories) }),
    interventions: interventions.every(({ intervention }) => intervention === 'none')
      ? null
      : interventionFigure({
          records: interventions,
          measure,
          source: {
            ...sources(interventions.filter(({ intervention }) => intervention !== 'none')),
            n: `${interventionExamples} dev examples of ${task}, generated greedily`,
          },
        }),
  };
}

/**
 * All figures of a study by name, `KIND-TASK`; what the study did not measure has none.
 *
 * @param preset what stands under each, e.g. `mini`.
 */
export function gapFigures(study: GapStudy, preset: string): Readonly<Record<string, Figure>> {
  const tasks = [...new Set(study.runs.map(({ task }) => task))];
  const named = tasks.flatMap((task) =>
    Object.entries(taskFigures(study, preset, task)).flatMap(([kind, figure]) =>
      figure === null ? [] : [[`${kind}-${task}`, figure] as const],
    ),
  );
  return Object.fromEntries(named);
}
