import { captureDefaults, captureStates, type Captured } from '../analysis/captureStates';
import { scalesOf } from '../analysis/interventions';
import { nearestTokens } from '../analysis/nearestTokens';
import { type Projection, projection, type ProjectionConfig } from '../analysis/projection';
import { promptVectors } from '../analysis/promptVectors';
import { sampleRows } from '../analysis/sampleRows';
import { norms, type Vectors } from '../analysis/vectors';
import { ConfigError } from '../errors';
import type { Site } from '../model/sites';
import type { T5 } from '../model/t5';
import type { Example } from '../tasks/task';
import { tf } from '../tensor/backend';
import { random } from '../tensor/random';
import { loadAdapter } from '../training/runStore';
import { encodeExamples } from './encodeText';
import { checkTrainedOn } from './loadTuning';
import { partTuning, vocabularySample } from './promptParts';

export type ProjectOptions = {
  /** Encoder layers mapped besides the embedding. */
  readonly layers: readonly number[];
  /** Further finished runs, whose prompts are set into the fitted map of the embedding. */
  readonly also: readonly string[];
  readonly sentences: number;
  /** Input tokens in each map. */
  readonly tokens: number;
  /** Random tokens of the vocabulary in the map of the embedding. */
  readonly vocabulary: number;
  readonly projection: ProjectionConfig;
  readonly seed: number;
  readonly onProgress?: (site: string) => void;
};

/** Which set a point is of. */
export type PointSet = 'inputs' | 'vocabulary' | 'prompt' | 'scaled';

/** One vector on a map. */
export type MapPoint = {
  readonly set: PointSet;
  /** Place within its set; of a prompt its position, the same in `prompt` and `scaled`: arrows join these. */
  readonly index: number;
  readonly umap: readonly number[];
  readonly pca: readonly number[];
  readonly norm: number;
  /** The token itself, or the vocabulary's nearest ones to a prompt vector by cosine (at the embedding only). */
  readonly tokens?: readonly { readonly text: string; readonly cosine?: number }[];
  /** Length of s * P over that of P, with the sign of the scale. */
  readonly scale?: number;
};

export type SiteMap = {
  readonly site: Site;
  readonly layer: number | null;
  readonly points: readonly MapPoint[];
  readonly quality: Projection['quality'];
  readonly explained: readonly number[];
  readonly disparity: number | null;
};

export type RunProjection = {
  readonly run: string;
  readonly config: ProjectionConfig;
  readonly sites: readonly SiteMap[];
  /** Prompts of further runs in the embedding's map, as their models read them. */
  readonly also: readonly { readonly run: string; readonly umap: readonly (readonly number[])[] }[];
};

type PointSource = {
  readonly vector: Float32Array;
  readonly point: Omit<MapPoint, 'umap' | 'pca' | 'norm'>;
};

function siteMap(
  site: Site,
  layer: number | null,
  sources: readonly PointSource[],
  config: ProjectionConfig,
): { readonly map: SiteMap; readonly fitted: Projection } {
  const vectors = sources.map(({ vector }) => vector);
  const fitted = projection(vectors, config);
  const lengths = norms(vectors);
  const points = sources.map(({ point }, i): MapPoint => ({
    ...point,
    umap: [...(fitted.umap[i] as Float32Array)],
    pca: [...(fitted.pca[i] as Float32Array)],
    norm: lengths[i] as number,
  }));
  const { quality, explained, disparity } = fitted;
  return { map: { site, layer, points, quality, explained, disparity }, fitted };
}

/**
 * Maps a finished run's prompt, before and after its scale, with its input tokens to the plane: at the embedding with a
 * sample of the vocabulary, and after layers. Each site's vectors are fitted together.
 * @throws ConfigError for a method without a prompt, a layer that does not exist, or too few vectors for a map.
 */
export async function projectRun(
  model: T5,
  folder: string,
  examples: readonly Example[],
  options: ProjectOptions,
): Promise<RunProjection> {
  const { config, params } = await loadAdapter(folder);
  try {
    checkTrainedOn(model, folder, config);
    const { method } = config;
    const { prompt, scaled } = await promptVectors(method, params);
    const isScaled = method['scaling'] !== undefined;
    const rows = sampleRows(examples.length, options.sentences, random(options.seed).fork('sentences'));
    const encoded = encodeExamples(
      model,
      rows.map((row) => examples[row] as Example),
    );
    const passes: Partial<Record<'prompt' | 'scaled', Captured>> = {};
    for (const part of isScaled ? (['prompt', 'scaled'] as const) : (['prompt'] as const)) {
      const { tuning, stacked } = partTuning(model, method, params, part);
      try {
        const { layers, tokens, seed } = options;
        passes[part] = await captureStates(model, encoded, tuning, {
          ...captureDefaults,
          layers,
          heads: false,
          tokens,
          seed,
        });
      } finally {
        tf.dispose(stacked);
      }
    }
    const read = (passes.scaled ?? passes.prompt) as Captured;
    const text = (id: number): string => model.tokenizer?.decode([id]) ?? String(id);
    const inputTokens = read.chosen.inputs.map(({ example, position }) =>
      text(encoded[example]?.source[position] as number),
    );
    const inputs = (vectors: Vectors): PointSource[] =>
      vectors.map((vector, index) => ({
        vector,
        point: { set: 'inputs', index, tokens: [{ text: inputTokens[index] as string }] },
      }));
    const near = await nearestTokens(model, scaled, 3);
    const scales = scalesOf(prompt, scaled);
    const positions = (set: 'prompt' | 'scaled', vectors: Vectors): PointSource[] =>
      vectors.map((vector, index) => ({
        vector,
        point: {
          set,
          index,
          tokens: (near[index] ?? []).map(({ id, cosine }) => ({ text: text(id), cosine })),
          ...(isScaled ? { scale: scales[index] as number } : {}),
        },
      }));
    const vocabulary = await vocabularySample(model, options.vocabulary, options.seed);
    const [atEmbed, ...further] = read.states;
    if (atEmbed === undefined) throw new ConfigError(`${folder}: nothing was captured`);
    options.onProgress?.(atEmbed.site);
    const embed = siteMap(
      atEmbed.site,
      null,
      [
        ...inputs(atEmbed.inputs),
        ...vocabulary.map(({ id, vector }, index): PointSource => ({
          vector,
          point: { set: 'vocabulary', index, tokens: [{ text: text(id) }] },
        })),
        ...positions('prompt', prompt),
        ...(isScaled ? positions('scaled', scaled) : []),
      ],
      options.projection,
    );
    const maps = [embed.map];
    for (const [i, states] of further.entries()) {
      options.onProgress?.(states.site);
      const before = passes.prompt?.states[i + 1] ?? states;
      const sources = [
        ...inputs(states.inputs),
        ...positions('prompt', before.prompt),
        ...(isScaled ? positions('scaled', states.prompt) : []),
      ];
      maps.push(siteMap(states.site, states.layer, sources, options.projection).map);
    }
    const also = [];
    for (const run of options.also)
      also.push({
        run,
        umap: embed.fitted.transform(await scaledPromptOf(model, run)).map((point) => [...point]),
      });
    return { run: folder, config: options.projection, sites: maps, also };
  } finally {
    tf.dispose(params);
  }
}

async function scaledPromptOf(model: T5, folder: string): Promise<Vectors> {
  const { config, params } = await loadAdapter(folder);
  try {
    checkTrainedOn(model, folder, config);
    return (await promptVectors(config.method, params)).scaled;
  } finally {
    tf.dispose(params);
  }
}
