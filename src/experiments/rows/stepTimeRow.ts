import { availableParallelism } from 'node:os';
import { TrainingError } from '../../errors';
import { tf } from '../../tensor/backend';
import { trainPopulation } from '../../training/trainer';
import { methodNamed } from '../../tuning';
import { encodeExamples } from '../encodeText';
import { drawFewShot } from '../trainFewShot';
import { fewShotOf, type FewShotSpec } from './tunedRow';
import { dataFingerprint, type RowKind } from './rowKind';

/** How long the steps of one run take, from its first to its last; looks at the dev split and checkpoints not counted. */
export type StepTimeSpec = { readonly kind: 'stepTime'; readonly experiment: FewShotSpec };

export const stepTimeRow: RowKind<StepTimeSpec> = {
  unit: 's',
  config: ({ experiment }, place) => {
    const { task, shots, seeds, method, training } = fewShotOf(experiment, place);
    return { task, data: dataFingerprint(task, place), method, shots, seeds, training };
  },
  measure: async ({ experiment }, context) => {
    const { model, signal, onTraining } = context;
    const config = fewShotOf(experiment, context);
    const { train } = drawFewShot(config);
    const runs = config.seeds.map((seed) => ({ seed, train: encodeExamples(model, train.get(seed) ?? []) }));
    const times: number[] = [];
    let last = 0;
    const { runs: trained, stopped } = await trainPopulation(
      model,
      methodNamed(config.method.method),
      config.method,
      runs,
      config.training,
      {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (event) => {
          const now = performance.now();
          if (event.kind === 'step') times.push((now - last) / 1000);
          onTraining?.(event);
          last = performance.now();
        },
      },
    );
    trained.forEach(({ params }) => tf.dispose(params));
    if (stopped) throw new TrainingError('interrupted while steps were timed');
    const sorted = times.toSorted((a, b) => a - b);
    const measures = {
      steps: times.length,
      medianStep: sorted[Math.floor(sorted.length / 2)] ?? null,
      cores: availableParallelism(),
    };
    const score = times.reduce((sum, time) => sum + time, 0);
    return { n: times.length, scores: [{ seed: config.seeds[0] ?? null, score, interval: null, measures }] };
  },
};
