import { z } from 'zod';
import { CheckpointError, ConfigError } from '../../errors';
import { addedTokenSchema } from './addedTokens';
import { decoderSchema } from './decoder';
import { normalizerSchema } from './normalizer';
import { preTokenizerSchema } from './preTokenizer';
import { unigramSchema } from './unigram';

// Loose: what only pairs of texts need is kept for writing the file again.
const templateSchema = z
  .looseObject({
    type: z.literal('TemplateProcessing'),
    single: z.array(
      z.union([
        z.object({ Sequence: z.looseObject({ id: z.enum(['A', 'B']) }) }),
        z.object({ SpecialToken: z.looseObject({ id: z.string() }) }),
      ]),
    ),
    special_tokens: z.record(z.string(), z.looseObject({ ids: z.array(z.int().nonnegative()) })),
  })
  .check((context) => {
    context.value.single.forEach((part, i) => {
      if ('SpecialToken' in part && !(part.SpecialToken.id in context.value.special_tokens))
        context.issues.push({
          code: 'custom',
          path: ['single', i, 'SpecialToken', 'id'],
          message: 'must be a key of special_tokens',
          input: part.SpecialToken.id,
        });
    });
  });

/** What is read of a tokenizer.json; truncation and padding, which belong to a caller, are not. */
export const tokenizerSchema = z.object({
  added_tokens: z.array(addedTokenSchema),
  normalizer: normalizerSchema.nullable(),
  pre_tokenizer: preTokenizerSchema.nullable(),
  post_processor: z.discriminatedUnion('type', [templateSchema]).nullable(),
  decoder: decoderSchema.nullable(),
  model: unigramSchema,
});

export type TokenizerConfig = z.infer<typeof tokenizerSchema>;

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    json,
  );
}

/** A value in a message, cut to a readable length. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * Checks a parsed tokenizer.json. Throws CheckpointError naming the field that breaks the format or a model that is not
 * Unigram, ConfigError for a component or a regular expression that is not supported.
 */
export function parseTokenizerJson(json: unknown, file: string): TokenizerConfig {
  const parsed = tokenizerSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const found = valueAt(json, issue.path);
  const where = `${file}: ${pathOf(issue.path) || 'the file'}`;
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined && typeof found === 'string')
    throw new ConfigError(`${where}: ${shown(found)} is not supported`);
  if (issue.code === 'custom' && issue.params?.['unsupported'] === true)
    throw new ConfigError(`${where}: ${issue.message}`);
  throw new CheckpointError(`${where}: ${issue.message}; found ${shown(found)}`);
}
