import { metricNamed } from '../../metrics';
import { corpusScore } from '../../metrics/corpusScore';
import { generateTexts } from '../generateTexts';
import { dataFingerprint, examplesOf, type RowKind } from './rowKind';

/** The model as it is, without a prompt, on a task's test split. */
export type FrozenSpec = { readonly kind: 'frozen'; readonly task: string };

export const frozenRow: RowKind<FrozenSpec> = {
  unit: 'BLEU',
  config: ({ task }, place) => ({
    task,
    data: dataFingerprint(task, place),
    method: null,
    split: 'test',
    generation: place.generation,
  }),
  measure: async ({ task }, context) => {
    const examples = examplesOf(task, 'test', context);
    const sources = examples.map(({ source }) => source);
    const generated = await generateTexts(context.model, sources, {
      generation: context.generation,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      ...(context.onTexts === undefined ? {} : { onProgress: context.onTexts }),
    });
    const { score, interval, n } = corpusScore(
      metricNamed('bleu'),
      generated.map(({ text }) => text),
      examples.map(({ references }) => references),
    );
    return { n, scores: [{ seed: null, score, interval }] };
  },
};
