import { basename, join } from 'node:path';
import { inputVectors } from '../analysis/inputVectors';
import { promptVectors } from '../analysis/promptVectors';
import { sampleRows } from '../analysis/sampleRows';
import { norms, type Vectors } from '../analysis/vectors';
import { ConfigError } from '../errors';
import type { T5 } from '../model/t5';
import { readTask } from '../tasks';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { loadAdapter } from '../training/runStore';
import { runContext, type StoredRun } from './evaluateRuns';
import { encodeText } from './encodeText';
import { type GapPart, gapOfRun, type RunGap } from './gapOfRun';
import type {
  GapRecord,
  GapSet,
  HeadRecord,
  InterventionRecord,
  NormRecord,
  TrajectoryRecord,
} from './gapRecords';
import { standardInterventions } from './interventionCurve';
import { interventionsOfRun } from './interventionsOfRun';
import { adapterDigest, keptPiece } from './keptPiece';
import { trajectoryOfRun } from './trajectoryOfRun';

/** How much is measured. */
export type GapStudyPlan = {
  readonly name: string;
  /** Dev examples whose tokens are compared, and how many tokens. */
  readonly sentences: number;
  readonly tokens: number;
  readonly permutations: number;
  /** Runs of so many seeds of each task and method, the first ones, are looked at ... after every layer, */
  readonly layerSeeds: number;
  /** in every head, */
  readonly headSeeds: number;
  /** and under interventions, on so many dev examples. */
  readonly interventionSeeds: number;
  readonly interventionExamples: number;
};

export const gapStudyPlans = {
  /** For the minutes that a notebook may take. */
  quick: {
    name: 'quick',
    sentences: 100,
    tokens: 300,
    permutations: 199,
    layerSeeds: 2,
    headSeeds: 1,
    interventionSeeds: 1,
    interventionExamples: 30,
  },
  /** Every run and every layer: under half an hour on two cores. */
  full: {
    name: 'full',
    sentences: 100,
    tokens: 500,
    permutations: 499,
    layerSeeds: 5,
    headSeeds: 5,
    interventionSeeds: 2,
    interventionExamples: 50,
  },
} as const satisfies Readonly<Record<string, GapStudyPlan>>;

/** The plan that the variable SPT_STUDY names (`quick` where it is not set). Throws ConfigError for another name. */
export function gapStudyPlan(name: string = process.env['SPT_STUDY'] ?? 'quick'): GapStudyPlan {
  if (name !== 'quick' && name !== 'full')
    throw new ConfigError(`SPT_STUDY: must be ${Object.keys(gapStudyPlans).join(' or ')}; found '${name}'`);
  return gapStudyPlans[name];
}

/** A run of the study. */
export type StudiedRun = {
  readonly task: string;
  readonly method: string;
  readonly seed: number;
  readonly folder: string;
};

/** The numbers behind every figure of the gap. */
export type GapStudy = {
  readonly plan: GapStudyPlan;
  readonly runs: readonly StudiedRun[];
  /** Every set at the embedding (layer 0), P and s * P after layers. */
  readonly gaps: readonly GapRecord[];
  readonly heads: readonly HeadRecord[];
  /** Attention masses of each head, beside their value if every key were attended to alike. */
  readonly masses: readonly HeadRecord[];
  readonly norms: readonly NormRecord[];
  readonly interventions: readonly InterventionRecord[];
  readonly trajectories: readonly TrajectoryRecord[];
};

export type GapStudyOptions = {
  readonly plan: GapStudyPlan;
  /** Pieces that are measured are kept here; the same call again goes on after them. */
  readonly out: string;
  readonly onProgress?: (what: string) => void;
};

/** One of the runs, with what it says of itself. */
type Member = StudiedRun & {
  readonly isScaled: boolean;
  readonly digest: string;
  /** Its place among the runs of its task and method, by seed. */
  readonly place: number;
};

function members(runs: readonly StoredRun[]): readonly Member[] {
  const groups = new Map<string, StoredRun[]>();
  for (const run of runs) {
    const { method } = run.config.method;
    if (method !== 'prompt-tuning' && method !== 'scaled-prompt-tuning')
      throw new ConfigError(`${run.folder}: must be a run of PT or SPT; found ${method}`);
    const key = `${runContext(run).task}/${method}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) =>
    group
      .toSorted((a, b) => a.config.seed - b.config.seed)
      .map((run, place): Member => ({
        task: runContext(run).task,
        method: run.config.method.method,
        seed: run.config.seed,
        folder: run.folder,
        isScaled: run.config.method.method === 'scaled-prompt-tuning',
        digest: adapterDigest(run.folder),
        place,
      })),
  );
}

/** Which set of the study a part of a run is; null for what an SPT run of the same task says already. */
function setOf(part: GapPart, isScaled: boolean, hasScaled: boolean): GapSet | null {
  if (part === 'prompt') return isScaled ? 'prompt' : 'promptTuning';
  return part === 'scaled' || isScaled || !hasScaled ? part : null;
}

/** A layer of the model as a place between blocks: 0 before the first, i after the i-th. */
const placeOf = (layer: number | null): number => (layer === null ? 0 : layer + 1);

type Named = Pick<StudiedRun, 'task' | 'seed'> & { readonly set: GapSet };
type Measures = RunGap['sites'][number]['measures'];

function gapRecords(named: Named, layer: number, measures: Measures): GapRecord[] {
  return Object.entries(measures).map(([measure, measured]) => ({
    ...named,
    layer,
    measure: measure as GapRecord['measure'],
    ...measured,
  }));
}

/** `encoder.3.selfAttention.key` -> `key`. */
const partOfSite = (site: string): string => site.slice(site.lastIndexOf('.') + 1);

/** What one run's measurements are in the study. */
function recordsOf(
  { task, seed, isScaled }: Member,
  { sets, sites, attention }: RunGap,
  hasScaled: boolean,
): Pick<GapStudy, 'gaps' | 'heads' | 'masses'> {
  const named = (part: GapPart): Named[] => {
    const set = setOf(part, isScaled, hasScaled);
    return set === null ? [] : [{ task, seed, set }];
  };
  return {
    gaps: [
      ...sets.flatMap(({ part, measures }) => named(part).flatMap((own) => gapRecords(own, 0, measures))),
      ...sites
        .filter(({ head }) => head === null)
        .flatMap(({ part, layer, measures }) =>
          named(part).flatMap((own) => gapRecords(own, placeOf(layer), measures)),
        ),
    ],
    heads: sites.flatMap(({ part, site, layer, head, measures }) =>
      head === null
        ? []
        : named(part).flatMap((own) =>
            Object.entries(measures).map(([measure, { value }]) => ({
              ...own,
              layer: placeOf(layer),
              head,
              part: partOfSite(site),
              measure,
              value,
            })),
          ),
    ),
    masses: attention.flatMap(({ part, kind, layer, head, value, uniform }) =>
      named(part).flatMap((own) =>
        (
          [
            ['mass', value],
            ['uniform', uniform],
          ] as const
        ).map(([measure, number]) => ({
          ...own,
          layer: placeOf(layer),
          head,
          part: kind,
          measure,
          value: number,
        })),
      ),
    ),
  };
}

/** How long a run's prompt vectors are, before and after its scale. */
async function promptNorms({ task, seed, folder, isScaled }: Member): Promise<NormRecord[]> {
  const { config, params } = await loadAdapter(folder);
  try {
    const { prompt, scaled } = await promptVectors(config.method, params);
    const sets: (readonly [GapSet, typeof prompt])[] = isScaled
      ? [
          ['prompt', prompt],
          ['scaled', scaled],
        ]
      : [['promptTuning', prompt]];
    return sets.map(([set, vectors]) => ({ task, set, seed, norms: [...norms(vectors)] }));
  } finally {
    tf.dispose(params);
  }
}

/** A task's dev examples, and input vectors of as many of them as the plan looks at. */
type TaskInputs = { readonly examples: readonly Example[]; readonly vectors: Vectors };

async function taskInputs(
  model: T5,
  run: StoredRun,
  { sentences, tokens }: GapStudyPlan,
): Promise<TaskInputs> {
  const { task, root } = runContext(run);
  const examples = readTask(task, 'dev', root);
  const drawn = sampleRows(examples.length, sentences, random(0).fork('sentences'));
  const vectors = await inputVectors(
    model,
    drawn.map((row) => encodeText(model, examples[row]?.source ?? '')),
  );
  const rows = sampleRows(vectors.length, tokens, random(0).fork('tokens'));
  return { examples, vectors: rows.map((row) => vectors[row] as Float32Array) };
}

/**
 * Measures stored runs of PT and SPT for all figures of the gap: every set at the embedding, layers, heads, training and
 * interventions, on the dev split of each run's task. One run and one kind of measurement at a time, each kept in `out`
 * when it is done, so memory does not grow with the runs and a study that was killed goes on.
 * @throws ConfigError for a run of another method, CheckpointError for a run of another model.
 */
export async function gapStudy(
  model: T5,
  runs: readonly StoredRun[],
  { plan, out, onProgress }: GapStudyOptions,
): Promise<GapStudy> {
  const all = members(runs);
  const scaledTasks = new Set(all.filter(({ isScaled }) => isScaled).map(({ task }) => task));
  const inputs = new Map<string, TaskInputs>();
  for (const run of runs) {
    const { task } = runContext(run);
    if (!inputs.has(task)) inputs.set(task, await taskInputs(model, run, plan));
  }
  const layers = [...Array(model.config.numEncoderLayers).keys()];
  const found: Pick<GapStudy, 'gaps' | 'heads' | 'masses'>[] = [];
  const lengths: NormRecord[] = [...inputs].map(([task, { vectors }]) => ({
    ...{ task, set: 'inputs', seed: null },
    norms: [...norms(vectors)],
  }));
  const trajectories: TrajectoryRecord[] = [];
  const interventions: InterventionRecord[] = [];
  for (const member of all) {
    const { task, method, seed, folder, digest, place, isScaled } = member;
    const name = `${task}-${method}-${seed}`;
    const { examples, vectors } = inputs.get(task) as TaskInputs;
    const inside = place < plan.layerSeeds;
    const heads = place < plan.headSeeds;
    const { sentences, tokens, permutations } = plan;
    const options = {
      ...{ sentences, tokens, permutations, seed: 0, heads },
      layers: inside || heads ? layers : [],
      beforeAfter: isScaled,
    };
    onProgress?.(`gap of ${name}`);
    const gap = await keptPiece(join(out, 'gap', `${name}.json`), { digest, options }, () =>
      gapOfRun(model, folder, examples, options),
    );
    found.push(recordsOf(member, gap, scaledTasks.has(task)));
    lengths.push(...(await promptNorms(member)));
    onProgress?.(`training of ${name}`);
    const path = await keptPiece(join(out, 'training', `${name}.json`), { digest, sentences, tokens }, () =>
      trajectoryOfRun(folder, vectors),
    );
    trajectories.push(...path.map((record) => ({ task, ...record })));
    // Of every run the score as it is, for correlation across runs.
    const changes = place < plan.interventionSeeds ? standardInterventions : [];
    const { interventionExamples: count } = plan;
    onProgress?.(changes.length === 0 ? `score of ${name}` : `interventions on ${name}`);
    const key = { digest, count, changes };
    const changed = await keptPiece(join(out, 'interventions', `${name}.json`), key, () =>
      interventionsOfRun(model, folder, examples.slice(0, count), changes),
    );
    interventions.push(...changed.map((record) => ({ task, method, seed, ...record })));
  }
  return {
    plan,
    runs: all.map(({ task, method, seed, folder }) => ({ task, method, seed, folder: basename(folder) })),
    gaps: found.flatMap(({ gaps }) => gaps),
    heads: found.flatMap(({ heads }) => heads),
    masses: found.flatMap(({ masses }) => masses),
    norms: lengths,
    interventions,
    trajectories,
  };
}
