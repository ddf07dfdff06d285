import { captureDefaults, captureStates, type SiteStates } from '../analysis/captureStates';
import type { AttentionMass } from '../analysis/attentionMass';
import type { ChosenTokens, Place } from '../analysis/chooseTokens';
import { type EmbeddingGap, embeddingGap, type GapMeasure, type Measured } from '../analysis/embeddingGap';
import { promptVectors } from '../analysis/promptVectors';
import { sampleRows } from '../analysis/sampleRows';
import type { Vectors } from '../analysis/vectors';
import { ConfigError } from '../errors';
import type { Site } from '../model/sites';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { loadAdapter } from '../training/runStore';
import { encodeExamples } from './encodeText';
import { checkTrainedOn } from './loadTuning';
import { partTuning, untrainedVectors, vocabularySample } from './promptParts';

/** Which vectors stand for the prompt. */
export type GapPart = 'prompt' | 'scaled' | 'untrained' | 'vocabulary';

export type RunGapOptions = {
  /** Encoder layers looked at besides the embedding. */
  readonly layers: readonly number[];
  /** Queries, keys and values of each head, and attention masses, of these layers. */
  readonly heads: boolean;
  /** Layers and heads for P alone as well as for s * P; of a run without a scale this is refused. */
  readonly beforeAfter: boolean;
  /** At most so many examples, drawn. */
  readonly sentences: number;
  /** Input tokens compared. */
  readonly tokens: number;
  readonly permutations: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
};

export const runGapDefaults = {
  sentences: 200,
  tokens: captureDefaults.tokens,
  permutations: 999,
  seed: 0,
} as const;

type Gap = EmbeddingGap;

/** The gap of a run at `encoder.embed` for each kind of prompt vectors, and at sites further in. */
export type RunGap = Gap & {
  readonly run: string;
  /** Examples whose tokens were drawn. */
  readonly sentences: number;
  /** How one state was made of a prompt position's states in many examples. */
  readonly reduction: string;
  readonly sets: readonly ({ readonly part: GapPart } & Gap)[];
  readonly sites: readonly {
    readonly part: GapPart;
    readonly site: Site;
    readonly layer: number | null;
    readonly head: number | null;
    /** Of a head some measures only. */
    readonly measures: Readonly<Partial<Record<GapMeasure, Measured>>>;
    readonly n: Gap['n'];
  }[];
  readonly attention: readonly ({ readonly part: GapPart } & AttentionMass)[];
};

const reduction =
  'one state a prompt position, from one example, positions dealt out over the examples; nothing is averaged';

/** Measures that are cheap enough for every head. */
export const headMeasures = ['centroidGap', 'normRatio', 'mmdSquared', 'energyDistance'] as const;

/**
 * Measures the gap of a finished run on examples: at the embedding for P, s * P, the untrained prompt and random tokens of
 * the vocabulary, and where asked for after layers and in heads. Input tokens are the same everywhere, drawn by sentence.
 * @throws ConfigError for a method without a prompt, a layer that does not exist, or before and after of a run without a
 * scale.
 */
export async function gapOfRun(
  model: T5,
  folder: string,
  examples: readonly Example[],
  options: RunGapOptions,
): Promise<RunGap> {
  const { layers, heads, beforeAfter, tokens, permutations, seed } = options;
  const { config, params } = await loadAdapter(folder);
  try {
    checkTrainedOn(model, folder, config);
    const { method } = config;
    const { prompt, scaled } = await promptVectors(method, params);
    const isScaled = method['scaling'] !== undefined;
    if (beforeAfter && !isScaled)
      throw new ConfigError(
        `${folder}: before and after needs a scale; the run is ${method.method}, which has none`,
      );
    const rows = sampleRows(examples.length, options.sentences, random(seed).fork('sentences'));
    const encoded = encodeExamples(
      model,
      rows.map((row) => examples[row] as Example),
    );
    const parts: ('prompt' | 'scaled')[] = !isScaled
      ? ['prompt']
      : beforeAfter
        ? ['prompt', 'scaled']
        : ['scaled'];
    const sites: RunGap['sites'][number][] = [];
    const attention: RunGap['attention'][number][] = [];
    let embed: { readonly states: SiteStates; readonly units: Units } | undefined;
    for (const part of parts) {
      const { tuning, stacked } = partTuning(model, method, params, part);
      try {
        const captured = await captureStates(model, encoded, tuning, {
          ...captureDefaults,
          layers,
          heads,
          tokens,
          seed,
          ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        });
        const units = sentencesOf(captured.chosen);
        const [atEmbed, ...further] = captured.states;
        embed = { states: atEmbed as SiteStates, units };
        for (const states of further) {
          const measures = states.head === null ? undefined : headMeasures;
          const found = gapAt(states.prompt, states, units, { permutations, seed, measures });
          const { site, layer, head } = states;
          sites.push({ part, site, layer, head, ...found });
        }
        attention.push(...captured.attention.map((mass) => ({ part, ...mass })));
      } finally {
        tf.dispose(stacked);
      }
    }
    const { states, units } = embed as NonNullable<typeof embed>;
    const vectors: readonly (readonly [GapPart, Vectors])[] = [
      ['prompt', prompt],
      ...(isScaled ? [['scaled', scaled] as const] : []),
      // Where an imported run began is not known.
      ...(config.training === null
        ? []
        : [['untrained', await untrainedVectors(model, method, config.seed)] as const]),
      ['vocabulary', (await vocabularySample(model, prompt.length, seed)).map(({ vector }) => vector)],
    ];
    const sets = vectors.map(([part, own]) => ({
      part,
      ...gapAt(own, states, units, { permutations, seed, measures: undefined }),
    }));
    const read = sets.find(({ part }) => part === (isScaled ? 'scaled' : 'prompt')) as (typeof sets)[number];
    const { measures, n } = read;
    return { run: folder, measures, n, sentences: encoded.length, reduction, sets, sites, attention };
  } finally {
    tf.dispose(params);
  }
}

type Units = { readonly inputs: readonly number[]; readonly reserve: readonly number[] };

/** The example that each input and reserve vector is of. */
function sentencesOf({ inputs, reserve }: ChosenTokens): Units {
  const examples = (places: readonly Place[]): number[] => places.map(({ example }) => example);
  return { inputs: examples(inputs), reserve: examples(reserve) };
}

function gapAt(
  prompt: Vectors,
  { inputs, reserve }: Pick<SiteStates, 'inputs' | 'reserve'>,
  units: Units,
  options: {
    readonly permutations: number;
    readonly seed: number;
    readonly measures: readonly GapMeasure[] | undefined;
  },
): Gap {
  const { measures, ...rest } = options;
  return embeddingGap(prompt, inputs, {
    ...rest,
    ...(measures === undefined ? {} : { measures }),
    units: { inputs: units.inputs },
    reserve: { vectors: reserve, units: units.reserve },
  });
}
