import type { BleuConfig, BleuScore } from '../../src/metrics/bleu';
import { random } from '../../src/tensor/random';
import { type Corpus, randomCorpus } from './corpora';

export type BleuCase = Corpus & { readonly config: BleuConfig };
export type BleuAnswer = BleuScore;

const configs: readonly BleuConfig[] = (['13a', 'intl', 'none'] as const).flatMap((tokenize) =>
  [false, true].flatMap((lowercase) =>
    [false, true].flatMap((effectiveOrder) =>
      [
        { smoothing: 'exp' as const },
        { smoothing: 'none' as const },
        { smoothing: 'floor' as const },
        { smoothing: 'floor' as const, smoothingValue: 0.03 },
        { smoothing: 'add-k' as const },
        { smoothing: 'add-k' as const, smoothingValue: 2.5 },
      ].map((smoothing) => ({ tokenize, lowercase, effectiveOrder, ...smoothing })),
    ),
  ),
);

/** Random corpora, each with one of the configurations. */
export function bleuCases(count: number, seed: number): BleuCase[] {
  const rng = random(seed).fork('bleu cases');
  return Array.from({ length: count }, () => ({ ...randomCorpus(rng), config: rng.choice(configs) }));
}
