import type { TrainConfigInput } from '../training/trainConfig';

/** Learning rates that suit an optimizer where none is given. */
type Rates = Readonly<Record<'adamw' | 'adafactor', number>>;

const promptRates: Rates = { adafactor: 0.3, adamw: 0.05 };
const weightRates: Rates = { adafactor: 3e-4, adamw: 5e-4 };

/**
 * How a method is trained where the user does not say: the same for every method with a prompt, so that none is favoured.
 *
 * Prompts: Adafactor without parameter scaling, weight decay 1e-5, constant rate 0.3, batch 16 (google-research's
 * prompt-tuning). Fine-Tuning: AdamW, 5e-4, fewer steps, since it fits its shots in a few hundred.
 */
export function trainingDefaults(
  method: string,
  optimizer?: TrainConfigInput['optimizer'],
): TrainConfigInput & { readonly optimizer: NonNullable<TrainConfigInput['optimizer']> } {
  const tunesWeights = method === 'fine-tuning';
  const chosen = optimizer ?? (tunesWeights ? { name: 'adamw' } : { name: 'adafactor', weightDecay: 1e-5 });
  return {
    steps: tunesWeights ? 300 : 1000,
    batch: 16,
    optimizer: chosen,
    learningRate: (tunesWeights ? weightRates : promptRates)[chosen.name],
  };
}
