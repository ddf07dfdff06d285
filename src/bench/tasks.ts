import { trainingDefaults } from '../experiments/trainingDefaults';
import { ConfigError } from '../errors';
import type { EncodedExample } from '../model/batch';
import type { T5Config } from '../model/config';
import { readTask } from '../tasks';
import { splits } from '../tasks/task';
import { random, type Random } from '../tensor/random';
import { methods } from '../tuning';
import type { Measure } from './matrix';
import type { BenchTask, ScoreTask } from './task';

/** Lengths with the end token: of few-shot data-to-text sets, records being longer than sentences. */
export const promptLength = 50;
export const sourceLength = 64;
const targetLength = 48;
/** Sources that are generated for at once, and tokens generated for each. */
export const generatedRows = 16;
const newTokens = 32;

/** Random tokens of a length between three quarters of the longest and the longest, the last one the end token. */
function sequence(longest: number, { vocabulary, endTokenId }: T5Config, rng: Random): number[] {
  const length = longest - rng.integer(Math.floor(longest / 4));
  return Array.from({ length }, (_, i) =>
    i === length - 1 ? endTokenId : endTokenId + 1 + rng.integer(vocabulary - endTokenId - 1),
  );
}

/** Texts of mini-e2e scored against others of the same record, as a good system's would be. */
function scoreTask(
  { items, references, terItems }: Extract<Measure, { readonly kind: 'score' }>,
  rng: Random,
): ScoreTask {
  const texts = splits
    .flatMap((split) => readTask('mini-e2e', split))
    .map((example) => example.references)
    .filter((own) => own.length > references);
  const drawn = Array.from({ length: items }, (_, i) =>
    rng.shuffle(texts[i % texts.length] ?? []).slice(0, references + 1),
  );
  return {
    kind: 'score',
    hypotheses: drawn.map(([hypothesis = '']) => hypothesis),
    references: drawn.map(([, ...others]) => others),
    terItems,
  };
}

/** What both sides do for a measurement on a model; the same for the same shape. */
export function benchTask(measure: Measure, shape: T5Config): BenchTask {
  const rng = random('bench');
  const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  if (measure.kind === 'generate') {
    const sources = many(generatedRows, () => sequence(sourceLength, shape, rng));
    return { kind: 'generate', sources, numBeams: measure.numBeams, newTokens };
  }
  if (measure.kind === 'score') return scoreTask(measure, rng);
  const method = methods.find(({ name }) => name === measure.method);
  if (method === undefined) throw new ConfigError(`bench: no method ${measure.method}`);
  const { optimizer, learningRate } = trainingDefaults(method);
  const example = (): EncodedExample => ({
    source: sequence(sourceLength, shape, rng),
    target: sequence(targetLength, shape, rng),
  });
  return {
    kind: 'train',
    method: measure.method,
    optimizer: { name: optimizer.name, weightDecay: optimizer.weightDecay ?? 0.01 },
    learningRate,
    promptTokens: many(promptLength, () => rng.integer(shape.vocabulary)),
    runs: many(measure.runs, () => many(measure.batch, example)),
  };
}
