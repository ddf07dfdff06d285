import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from '../errors';
import { parseT5Config, type T5Config } from './config';
import { resolveModel } from './hub';

type Size = readonly [dModel: number, dKv: number, dFf: number, numHeads: number, layers: number];

const v10: Readonly<Record<string, Size>> = {
  small: [512, 64, 2048, 8, 6],
  base: [768, 64, 3072, 12, 12],
  large: [1024, 64, 4096, 16, 24],
  '3b': [1024, 128, 16384, 32, 24],
  '11b': [1024, 128, 65536, 128, 24],
};

const v11: Readonly<Record<string, Size>> = {
  small: [512, 64, 1024, 6, 8],
  base: [768, 64, 2048, 12, 12],
  large: [1024, 64, 2816, 16, 24],
  xl: [2048, 64, 5120, 32, 24],
  xxl: [4096, 64, 10240, 64, 24],
};

function shapeOf([dModel, dKv, dFf, numHeads, layers]: Size, gated: boolean): T5Config {
  const json = {
    model_type: 't5',
    d_model: dModel,
    d_kv: dKv,
    d_ff: dFf,
    num_heads: numHeads,
    num_layers: layers,
    feed_forward_proj: gated ? 'gated-gelu' : 'relu',
    tie_word_embeddings: !gated,
  };
  return parseT5Config(json, 'a published T5');
}

/** The published T5s that are known by name: `t5-large`, `google/t5-v1_1-base`, `google/flan-t5-xl` and the like. */
function publishedShape(name: string): T5Config | undefined {
  const [, family = '', size = ''] =
    /^(?:google-t5\/)?(t5)-([a-z0-9]+)$/.exec(name) ??
    /^(?:google\/)?(t5-v1_1|flan-t5)-([a-z]+)$/.exec(name) ??
    [];
  const found = (family === 't5' ? v10 : v11)[size];
  return found === undefined ? undefined : shapeOf(found, family !== 't5');
}

/**
 * A model's shape without its weights: that of a published T5 by its name, else that of `mini`, a folder or a Hugging Face
 * name in the cache, from its config.json.
 * @throws ConfigError or CheckpointError naming what is missing.
 */
export function modelShape(name: string): T5Config {
  const published = publishedShape(name);
  if (published !== undefined) return published;
  const file = join(resolveModel(name), 'config.json');
  try {
    return parseT5Config(JSON.parse(readFileSync(file, 'utf8')), file);
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new CheckpointError(`${file}: must be JSON; ${cause.message}`, { cause });
    throw cause;
  }
}

/** Multiplications of a feed-forward product, one of a pass's larger ones, over so many tokens at once. */
export function passProduct({ dModel, dFf }: T5Config, tokens: number): number {
  return tokens * dModel * dFf;
}
