import { z } from 'zod';
import { tf } from '../../tensor/backend';
import { parameter } from '../method';
import { promptTuning, type PromptTuningConfig } from '../promptTuning';
import type { PeftFormat } from './peftFormat';

const schema = z.object({
  num_virtual_tokens: z.int().min(1),
  // peft's default for T5 is 2: it keeps as many rows again for the decoder, which it never reads.
  num_transformer_submodules: z.int().min(1).max(2).nullish(),
});

/**
 * `prompt_embeddings` `[num_virtual_tokens x num_transformer_submodules, dModel]`, of which the first
 * num_virtual_tokens rows are the prompt.
 */
export const promptTuningFormat: PeftFormat<PromptTuningConfig> = {
  method: promptTuning,
  type: 'PROMPT_TUNING',
  idle: [
    'num_attention_heads',
    'num_layers',
    'prompt_tuning_init',
    'prompt_tuning_init_text',
    'token_dim',
    'tokenizer_kwargs',
    'tokenizer_name_or_path',
  ],
  schema,
  settings: (shape, { length }) => ({
    num_attention_heads: shape.numHeads,
    num_layers: shape.numEncoderLayers,
    num_transformer_submodules: 1,
    num_virtual_tokens: length,
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: null,
    token_dim: shape.dModel,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: null,
  }),
  config: (settings) => ({
    ...promptTuning.defaults,
    length: schema.parse(settings).num_virtual_tokens,
  }),
  shapes: ({ dModel }, settings) => {
    const { num_virtual_tokens: length, num_transformer_submodules: parts } = schema.parse(settings);
    return { prompt_embeddings: [length * (parts ?? 2), dModel] };
  },
  write: (_shape, _config, { prompt }) => ({ prompt_embeddings: (prompt as tf.Tensor).clone() }),
  read: (_shape, settings, tensors) => {
    const stored = parameter<tf.Tensor2D>(tensors, 'prompt_embeddings');
    return { prompt: tf.slice(stored, [0, 0], [schema.parse(settings).num_virtual_tokens, -1]) };
  },
};
