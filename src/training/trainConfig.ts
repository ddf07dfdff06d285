import { z } from 'zod';
import { ConfigError, refusal } from '../errors';
import { type AdafactorConfig, adafactor } from './adafactor';
import { type AdamWConfig, adamW } from './adamW';
import type { Optimizer } from './optimizer';
import type { ScheduleConfig } from './schedule';

export type OptimizerConfig = AdamWConfig | AdafactorConfig;

/** How a run is trained; plain JSON, complete. */
export type TrainConfig = ScheduleConfig & {
  /** Examples of one forward pass of a run. */
  readonly batch: number;
  /** Forward passes of one step: a step sees batch x accumulation examples, whatever their lengths. */
  readonly accumulation: number;
  readonly optimizer: OptimizerConfig;
  readonly learningRate: number;
  /** Parameters with a learning rate of their own, e.g. `{ scale: 0.01 }`. */
  readonly learningRates: Readonly<Record<string, number>>;
  /** Largest norm of a run's gradient; null clips nothing. */
  readonly clipNorm: number | null;
  readonly labelSmoothing: number;
  /** Steps between two looks at the dev split; the last step always looks. */
  readonly evaluateEvery: number;
  /** Steps between two checkpoints. */
  readonly checkpointEvery: number;
  /** Steps between two lines of metrics. */
  readonly logEvery: number;
};

/** What a user writes: `steps` and `learningRate` at least, of an optimizer its name at least. */
export type TrainConfigInput = Pick<TrainConfig, 'steps' | 'learningRate'> &
  Partial<Omit<TrainConfig, 'optimizer'>> & {
    readonly optimizer?:
      | (Pick<AdamWConfig, 'name'> & Partial<AdamWConfig>)
      | (Pick<AdafactorConfig, 'name'> & Partial<AdafactorConfig>);
  };

const count = z.int().min(1);
const rate = z.number().positive();
const decay = z.number().min(0).lt(1);

const adamWSchema = z.strictObject({
  name: z.literal('adamw'),
  beta1: decay.default(0.9),
  beta2: decay.default(0.999),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0.01),
});

const adafactorSchema = z.strictObject({
  name: z.literal('adafactor'),
  decayRate: z.number().negative().default(-0.8),
  clipThreshold: z.number().positive().default(1),
  beta1: decay.nullable().default(null),
  epsilon1: z.number().min(0).default(1e-30),
  epsilon2: z.number().min(0).default(1e-3),
  weightDecay: z.number().min(0).default(0),
  scaleParameter: z.boolean().default(false),
});

const schema = z
  .strictObject({
    steps: count,
    batch: count.default(16),
    accumulation: count.default(1),
    optimizer: z.discriminatedUnion('name', [adamWSchema, adafactorSchema]).prefault({ name: 'adamw' }),
    learningRate: rate,
    learningRates: z.record(z.string(), rate).default({}),
    schedule: z.enum(['constant', 'linear', 'cosine']).default('constant'),
    warmupSteps: z.int().min(0).default(0),
    finalFraction: z.number().min(0).max(1).default(0),
    clipNorm: rate.nullable().default(null),
    labelSmoothing: decay.default(0),
    evaluateEvery: count.default(100),
    checkpointEvery: count.default(100),
    logEvery: count.default(1),
  })
  .refine((config) => config.warmupSteps <= config.steps, {
    path: ['warmupSteps'],
    message: 'must be at most steps',
  });

/** Fills in defaults. Throws ConfigError naming the first key that is unknown, missing or out of range. */
export function trainConfig(input: TrainConfigInput): TrainConfig {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  const known =
    issue.code === 'unrecognized_keys' && issue.path.length === 0
      ? `; known are ${Object.keys(schema.shape).join(', ')}`
      : '';
  throw new ConfigError(`training configuration: ${refusal(issue)}${known}`, { cause: result.error });
}

/** The optimizer that a configuration names. */
export function optimizerOf(config: OptimizerConfig): Optimizer {
  return config.name === 'adamw' ? adamW(config) : adafactor(config);
}
