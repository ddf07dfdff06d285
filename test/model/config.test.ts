import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors';
import { parseT5Config, t5ConfigJson } from '../../src/model/config';

/** google-t5/t5-small's config.json, and google/flan-t5-small's, without what a model's shape does not need. */
const v10 = {
  architectures: ['T5ForConditionalGeneration'],
  d_ff: 2048,
  d_kv: 64,
  d_model: 512,
  decoder_start_token_id: 0,
  dropout_rate: 0.1,
  eos_token_id: 1,
  layer_norm_epsilon: 1e-6,
  model_type: 't5',
  n_positions: 512,
  num_heads: 8,
  num_layers: 6,
  pad_token_id: 0,
  relative_attention_num_buckets: 32,
  vocab_size: 32128,
};
const flan = {
  ...v10,
  d_ff: 1024,
  feed_forward_proj: 'gated-gelu',
  num_decoder_layers: 8,
  num_heads: 6,
  num_layers: 8,
  tie_word_embeddings: false,
};

function messageOf(json: unknown): string {
  try {
    parseT5Config(json, 'folder/config.json');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'no error';
}

describe('parseT5Config', () => {
  it("reads a T5 v1.0, filling in transformers' defaults", () => {
    expect(parseT5Config(v10, 'config.json')).toEqual({
      vocabulary: 32128,
      dModel: 512,
      dKv: 64,
      dFf: 2048,
      numHeads: 8,
      numEncoderLayers: 6,
      numDecoderLayers: 6,
      relativeAttentionNumBuckets: 32,
      relativeAttentionMaxDistance: 128,
      layerNormEpsilon: 1e-6,
      feedForward: 'relu',
      scaleDecoderOutputs: true,
      padTokenId: 0,
      endTokenId: 1,
      decoderStartTokenId: 0,
    });
    expect(parseT5Config({ model_type: 't5' }, 'config.json')).toEqual(parseT5Config(v10, 'config.json'));
  });

  it('reads a Flan-T5: gated, not scaled, stacks counted apart', () => {
    const config = parseT5Config({ ...flan, num_decoder_layers: 3 }, 'config.json');
    expect(config).toMatchObject({
      feedForward: 'gated-gelu',
      scaleDecoderOutputs: false,
      numEncoderLayers: 8,
      numDecoderLayers: 3,
    });
    expect(parseT5Config({ ...flan, num_decoder_layers: null }, 'config.json').numDecoderLayers).toBe(8);
  });

  it.each([
    [{}, true],
    [{ tie_word_embeddings: true }, true],
    [{ tie_word_embeddings: false }, false],
    [{ tie_word_embeddings: true, scale_decoder_outputs: false }, false],
    [{ tie_word_embeddings: false, scale_decoder_outputs: true }, true],
  ])('scales the decoder output with %j: %s', (keys, scaled) => {
    expect(parseT5Config({ ...v10, ...keys }, 'config.json').scaleDecoderOutputs).toBe(scaled);
  });

  it('reads what it writes', () => {
    for (const json of [v10, flan, { ...v10, d_model: 20, d_kv: 5, num_heads: 3, num_decoder_layers: 1 }]) {
      const config = parseT5Config(json, 'config.json');
      expect(parseT5Config(JSON.parse(JSON.stringify(t5ConfigJson(config))), 'written')).toEqual(config);
    }
  });

  it.each([
    [[], 'folder/config.json: must hold one JSON object; found []'],
    [{ ...v10, model_type: 'bart' }, 'folder/config.json: model_type must be "t5"; found "bart"'],
    [{ d_model: 512 }, 'folder/config.json: model_type must be "t5"; found nothing'],
    [
      { ...v10, feed_forward_proj: 'gated-silu' },
      'folder/config.json: feed_forward_proj must be "relu" or "gated-gelu"; found "gated-silu"',
    ],
    [
      { ...flan, dense_act_fn: 'gelu' },
      'folder/config.json: dense_act_fn must be "gelu_new" beside feed_forward_proj "gated-gelu"; found "gelu"',
    ],
    [
      { ...v10, is_gated_act: true },
      'folder/config.json: is_gated_act must be false beside feed_forward_proj "relu"; found true',
    ],
    [{ ...v10, d_model: 0 }, 'folder/config.json: d_model must be an integer of at least 1; found 0'],
    [{ ...v10, d_kv: 6.5 }, 'folder/config.json: d_kv must be an integer of at least 1; found 6.5'],
    [{ ...v10, num_heads: '8' }, 'folder/config.json: num_heads must be an integer of at least 1; found "8"'],
    [
      { ...v10, relative_attention_max_distance: 16 },
      'folder/config.json: relative_attention_max_distance must be an integer of at least 17; found 16',
    ],
    [
      { ...v10, layer_norm_epsilon: 0 },
      'folder/config.json: layer_norm_epsilon must be a positive number; found 0',
    ],
    [
      { ...v10, tie_word_embeddings: 'no' },
      'folder/config.json: tie_word_embeddings must be true or false; found "no"',
    ],
    [
      { ...v10, eos_token_id: 40000 },
      'folder/config.json: eos_token_id must be below vocab_size 32128; found 40000',
    ],
  ])('refuses %j', (json, message) => {
    expect(messageOf(json)).toBe(message);
  });
});
