import { z } from 'zod';
import { ConfigError, refusal } from '../errors';

const count = z.int().min(1);

const schema = z.strictObject({
  seed: z.int().min(0).default(1),
  steps: count.default(18_000),
  /** Steps on mostly copying before the full mixture. */
  copySteps: z.int().min(0).default(1_000),
  /** Steps over which the learning rate rises. */
  warmupSteps: z.int().min(0).default(200),
  batch: count.default(32),
  learningRate: z.number().positive().default(1.2e-3),
  /** Steps between two looks at the validation set. */
  evaluateEvery: count.default(500),
  checkpointEvery: count.default(250),
  /** Longer examples are drawn again. */
  maxSourceTokens: count.default(150),
  maxTargetTokens: count.default(80),
  /** Ids of the tokenizer, and examples whose text it is trained on. */
  vocabulary: count.default(4_000),
  tokenizerExamples: count.default(12_000),
  dModel: count.default(128),
  dKv: count.default(32),
  dFf: count.default(512),
  numHeads: count.default(4),
  numEncoderLayers: count.default(4),
  numDecoderLayers: count.default(3),
});

/** How the mini model is made; plain JSON, complete. */
export type PretrainConfig = Readonly<z.infer<typeof schema>>;

/** Fills in defaults. Throws ConfigError naming the first key that is unknown or out of range. */
export function pretrainConfig(input: Readonly<Record<string, unknown>> = {}): PretrainConfig {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  throw new ConfigError(`pretraining configuration: ${refusal(issue)}`, { cause: result.error });
}
