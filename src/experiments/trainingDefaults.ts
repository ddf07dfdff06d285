import type { TrainConfigInput } from '../training/trainConfig';
import type { TuningMethod } from '../tuning/method';

/**
 * How a method is trained where the user does not say: batches of 16, and what is usual for the method; the same for every
 * method with a prompt, so that none is favoured.
 */
export function trainingDefaults(
  { usualTraining }: TuningMethod,
  optimizer?: TrainConfigInput['optimizer'],
  learningRate?: number,
): TrainConfigInput & { readonly optimizer: NonNullable<TrainConfigInput['optimizer']> } {
  const { optimizer: usual, weightDecay, relativeRates = {}, steps } = usualTraining;
  const chosen = optimizer ?? { name: usual, ...(weightDecay === undefined ? {} : { weightDecay }) };
  const rate = learningRate ?? usualTraining.learningRate[chosen.name];
  return {
    steps,
    batch: 16,
    optimizer: chosen,
    learningRate: rate,
    learningRates: Object.fromEntries(
      Object.entries(relativeRates).map(([name, factor]) => [name, rate * factor]),
    ),
  };
}
