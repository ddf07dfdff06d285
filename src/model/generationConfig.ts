import { ConfigError } from '../errors';

/** How text is generated; names and meaning are those of transformers' `GenerationConfig`, in camelCase. */
export type GenerationConfig = {
  readonly maxNewTokens: number;
  /** Tokens before the end token may come. */
  readonly minNewTokens: number;
  /** 1 is greedy search. */
  readonly numBeams: number;
  /** A finished beam's score is its log-probability / length^lengthPenalty. */
  readonly lengthPenalty: number;
  /** No sequence of this many tokens comes twice; 0 allows all. */
  readonly noRepeatNgramSize: number;
  /**
   * When beam search stops: `true` as soon as there are numBeams finished candidates; `false` when, at the present
   * length, the best running beam cannot beat the worst finished one; `never` when it could not at any length.
   */
  readonly earlyStopping: boolean | 'never';
};

export const generationDefaults: GenerationConfig = {
  maxNewTokens: 64,
  minNewTokens: 0,
  numBeams: 1,
  lengthPenalty: 1,
  noRepeatNgramSize: 0,
  earlyStopping: false,
};

/** Fills in defaults. Throws ConfigError naming the option that is out of range or unknown. */
export function generationConfig(options: Partial<GenerationConfig> = {}): GenerationConfig {
  const config = { ...generationDefaults, ...options };
  const whole = (
    key: 'maxNewTokens' | 'minNewTokens' | 'numBeams' | 'noRepeatNgramSize',
    least: number,
  ): void => {
    if (!Number.isInteger(config[key]) || config[key] < least)
      throw new ConfigError(
        `generation: ${key} must be a whole number of at least ${least}; found ${config[key]}`,
      );
  };
  whole('maxNewTokens', 1);
  whole('minNewTokens', 0);
  whole('numBeams', 1);
  whole('noRepeatNgramSize', 0);
  if (!Number.isFinite(config.lengthPenalty))
    throw new ConfigError(`generation: lengthPenalty must be a finite number; found ${config.lengthPenalty}`);
  const unknown = Object.keys(config).find((key) => !(key in generationDefaults));
  if (unknown !== undefined)
    throw new ConfigError(
      `generation: unknown option '${unknown}'; known are ${Object.keys(generationDefaults).join(', ')}`,
    );
  return config;
}
