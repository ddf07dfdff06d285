import type { TrainConfigInput } from '../training/trainConfig';
import type { TuningMethod } from '../tuning/method';

/**
 * How a method is trained where the user does not say: batches of 16, and what is usual for the method; the same for every
 * method with a prompt, so that none is favoured. Adafactor keeps no parameter scaling and decays weights by 1e-5, as in
 * google-research's prompt-tuning.
 */
export function trainingDefaults(
  { usualTraining }: TuningMethod,
  optimizer?: TrainConfigInput['optimizer'],
  learningRate?: number,
): TrainConfigInput & { readonly optimizer: NonNullable<TrainConfigInput['optimizer']> } {
  const { optimizer: usual, relativeRates = {}, steps } = usualTraining;
  const chosen = optimizer ?? (usual === 'adafactor' ? { name: usual, weightDecay: 1e-5 } : { name: usual });
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
