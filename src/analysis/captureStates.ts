import { ConfigError } from '../errors';
import { type EncodedExample, type Seq2SeqBatch, seq2SeqBatch } from '../model/batch';
import type { AttentionSite, Site, Tuning, WeightsSite } from '../model/sites';
import { capture, type T5 } from '../model/t5';
import { tf } from '../tensor/backend';
import { type AttentionMass, type MassKind, meanMass } from './attentionMass';
import { type ChosenTokens, chooseTokens, type Place } from './chooseTokens';
import type { Vectors } from './vectors';

export type CaptureOptions = {
  /** Encoder layers looked at, besides the embedding. */
  readonly layers: readonly number[];
  /** Queries, keys and values of each head, and attention masses. */
  readonly heads: boolean;
  /** Input tokens kept, the same at every site. */
  readonly tokens: number;
  /** Examples of one forward pass. */
  readonly batch: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
};

export const captureDefaults = { tokens: 500, batch: 8, seed: 0 } as const;

/** Prompt and input vectors at one site, of one head where the site is split. */
export type SiteStates = {
  readonly site: Site;
  readonly layer: number | null;
  readonly head: number | null;
  readonly prompt: Vectors;
  readonly inputs: Vectors;
  readonly reserve: Vectors;
};

export type Captured = {
  readonly promptLength: number;
  /** Where the vectors come from, the same at every site. */
  readonly chosen: ChosenTokens;
  readonly states: readonly SiteStates[];
  /** By layer and head; empty unless heads are asked for. */
  readonly attention: readonly AttentionMass[];
};

const parts = ['query', 'key', 'value'] as const;

type WantedSite = { readonly site: Site; readonly layer: number | null; readonly isSplit: boolean };

/** Requires layers to exist. Throws ConfigError naming the first that does not. */
export function checkLayers({ config }: T5, layers: readonly number[]): void {
  const missing = layers.find((layer) => layer >= config.numEncoderLayers);
  if (missing !== undefined)
    throw new ConfigError(
      `layers: the encoder has layers 0 to ${config.numEncoderLayers - 1}; found ${missing}`,
    );
}

/**
 * Runs a tuned model over examples under teacher forcing and keeps, at the embedding, after each layer and for each
 * head, the states of chosen prompt and input positions: a few hundred vectors a site, whatever the number of examples.
 * @throws ConfigError if a layer does not exist or the tuning sets no prompt before the input.
 */
export async function captureStates(
  model: T5,
  examples: readonly EncodedExample[],
  tuning: Tuning,
  options: CaptureOptions,
): Promise<Captured> {
  const { layers, heads, tokens, batch, seed, onProgress } = options;
  checkLayers(model, layers);
  const promptLength = lengthOfPrompt(model, examples, tuning);
  const chosen = chooseTokens(
    examples.map(({ source }) => source.length),
    promptLength,
    tokens,
    seed,
  );
  const sites = wantedSites(layers, heads);
  const collector = collect(sites, chosen, promptLength);
  const masses = massCollector(model, heads ? layers : [], examples, promptLength);
  for (let start = 0; start < examples.length; start += batch) {
    const part = examples.slice(start, start + batch);
    const padded = seq2SeqBatch(part, model.config.padTokenId);
    const found = capture(model, padded, [...sites.map(({ site }) => site), ...masses.sites], tuning);
    try {
      for (const { site } of sites)
        await collector.take(site, found.get(site) as tf.Tensor3D, start, part.length);
      await masses.take(found, start, part);
    } finally {
      tf.dispose([...found.values()]);
      disposeBatch(padded);
    }
    onProgress?.(start + part.length, examples.length);
  }
  return {
    promptLength,
    chosen,
    states: sites.flatMap((site) => collector.statesOf(site, model.config.numHeads)),
    attention: masses.result(),
  };
}

function disposeBatch({ source, target }: Seq2SeqBatch): void {
  tf.dispose([source.ids, source.mask, target.ids, target.mask]);
}

function lengthOfPrompt(model: T5, examples: readonly EncodedExample[], tuning: Tuning): number {
  const first = examples.slice(0, 1);
  if (first.length === 0) throw new ConfigError('captureStates: there must be at least one example');
  const padded = seq2SeqBatch(first, model.config.padTokenId);
  const embedded = capture(model, padded, ['encoder.embed'], tuning).get('encoder.embed') as tf.Tensor3D;
  const length = embedded.shape[1] - padded.source.ids.shape[1];
  tf.dispose(embedded);
  disposeBatch(padded);
  if (length < 1) throw new ConfigError('captureStates: the tuning sets no prompt before the input');
  return length;
}

function wantedSites(layers: readonly number[], heads: boolean): WantedSite[] {
  return [
    { site: 'encoder.embed', layer: null, isSplit: false },
    ...layers.flatMap((layer): WantedSite[] => [
      { site: `encoder.${layer}.output`, layer, isSplit: false },
      ...(heads
        ? parts.map((part): WantedSite => ({
            site: `encoder.${layer}.selfAttention.${part}`,
            layer,
            isSplit: true,
          }))
        : []),
    ]),
  ];
}

type Kept = {
  readonly prompt: Float32Array[];
  readonly inputs: Float32Array[];
  readonly reserve: Float32Array[];
};

/** Takes chosen rows out of each batch's tensors, in the order in which they were chosen. */
function collect(
  sites: readonly WantedSite[],
  chosen: ChosenTokens,
  promptLength: number,
): {
  readonly take: (site: Site, tensor: tf.Tensor3D, start: number, rows: number) => Promise<void>;
  readonly statesOf: (site: WantedSite, numHeads: number) => SiteStates[];
} {
  const kept = new Map<Site, Kept>(sites.map(({ site }) => [site, { prompt: [], inputs: [], reserve: [] }]));
  const sets = ['prompt', 'inputs', 'reserve'] as const;
  return {
    take: async (site, tensor, start, rows) => {
      const [, length, d] = tensor.shape;
      const wanted = sets.flatMap((set) =>
        chosen[set].flatMap(({ example, position }: Place, order) => {
          const row = example - start;
          if (row < 0 || row >= rows) return [];
          const at = set === 'prompt' ? position : promptLength + position;
          return [{ set, order, index: row * length + at }];
        }),
      );
      if (wanted.length === 0) return;
      const gathered = tf.tidy(() =>
        tf.gather(
          tensor.reshape([-1, d]),
          tf.tensor1d(
            wanted.map(({ index }) => index),
            'int32',
          ),
        ),
      );
      const values = (await gathered.data()) as Float32Array;
      gathered.dispose();
      wanted.forEach(({ set, order }, i) => {
        (kept.get(site) as Kept)[set][order] = values.slice(i * d, (i + 1) * d);
      });
    },
    statesOf: ({ site, layer, isSplit }, numHeads) => {
      const own = kept.get(site) as Kept;
      if (!isSplit) return [{ site, layer, head: null, ...own }];
      return Array.from({ length: numHeads }, (_, head) => {
        const cut = (vectors: readonly Float32Array[]): Float32Array[] =>
          vectors.map((vector) => {
            const dKv = vector.length / numHeads;
            return vector.subarray(head * dKv, (head + 1) * dKv);
          });
        return {
          site,
          layer,
          head,
          prompt: cut(own.prompt),
          inputs: cut(own.inputs),
          reserve: cut(own.reserve),
        };
      });
    },
  };
}

/** Where a layer's attention masses are read, and where a query's row stands in its weights. */
type MassSource = {
  readonly kind: MassKind;
  readonly layer: number;
  readonly site: WeightsSite;
};

/** Adds up each sentence's attention masses, batch by batch. */
function massCollector(
  { config }: T5,
  layers: readonly number[],
  examples: readonly EncodedExample[],
  promptLength: number,
): {
  readonly sites: readonly WeightsSite[];
  readonly take: (
    found: ReadonlyMap<Site | WeightsSite, tf.Tensor>,
    start: number,
    part: readonly EncodedExample[],
  ) => Promise<void>;
  readonly result: () => AttentionMass[];
} {
  const weightsOf = (site: AttentionSite): WeightsSite => `${site}.weights`;
  const sources = layers.flatMap((layer): MassSource[] => {
    const self = weightsOf(`encoder.${layer}.selfAttention`);
    return [
      { kind: 'inputToPrompt', layer, site: self },
      { kind: 'promptToInput', layer, site: self },
      ...(layer < config.numDecoderLayers
        ? [{ kind: 'crossToPrompt' as const, layer, site: weightsOf(`decoder.${layer}.crossAttention`) }]
        : []),
    ];
  });
  /** `[head][sentence]` of each source. */
  const masses = sources.map(() =>
    Array.from({ length: config.numHeads }, () => new Array<number>(examples.length).fill(0)),
  );
  return {
    sites: [...new Set(sources.map(({ site }) => site))],
    take: async (found, start, part) => {
      for (const site of new Set(sources.map((source) => source.site))) {
        const weights = found.get(site) as tf.Tensor4D;
        const [rows, numHeads, queries] = weights.shape;
        const onPrompt = tf.tidy(() =>
          tf.sum(weights.slice([0, 0, 0, 0], [rows, numHeads, queries, promptLength]), 3),
        );
        const values = (await onPrompt.data()) as Float32Array;
        onPrompt.dispose();
        sources.forEach((source, i) => {
          if (source.site !== site) return;
          part.forEach((example, row) => {
            const [from, to] = queriesOf(source.kind, example, promptLength);
            for (let head = 0; head < numHeads; head++) {
              let sum = 0;
              const first = (row * numHeads + head) * queries;
              for (let query = from; query < to; query++) sum += values[first + query] as number;
              const mean = sum / (to - from);
              const own = masses[i]?.[head] as number[];
              own[start + row] = source.kind === 'promptToInput' ? 1 - mean : mean;
            }
          });
        });
      }
    },
    result: () => {
      const shares = examples.map(({ source }) => promptLength / (promptLength + source.length));
      const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
      return sources.flatMap(({ kind, layer }, i) =>
        (masses[i] as number[][]).map((values, head) => ({
          kind,
          layer,
          head,
          ...meanMass(values),
          uniform: kind === 'promptToInput' ? 1 - share : share,
        })),
      );
    },
  };
}

/** The queries whose attention counts, from the first to before the last. */
function queriesOf(
  kind: MassKind,
  { source, target }: EncodedExample,
  promptLength: number,
): [number, number] {
  if (kind === 'promptToInput') return [0, promptLength];
  if (kind === 'inputToPrompt') return [promptLength, promptLength + source.length];
  return [0, target.length];
}
