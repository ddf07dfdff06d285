import type { ProbeTask } from '../../tasks/mini';
import { shareInterval } from '../estimate';
import { copyAccuracy, probeAccuracy } from '../skills';
import type { RowKind } from './rowKind';

/** A skill that a text prefix asks for, exact match: copying of unseen names, or a probe with seen or unseen words. */
export type SkillSpec = { readonly kind: 'skill'; readonly examples: number } & (
  { readonly skill: 'names' } | { readonly skill: ProbeTask; readonly words: 'seen' | 'unseen' }
);

export const skillRow: RowKind<SkillSpec> = {
  unit: '%',
  config: (spec) => ({
    skill: spec.skill,
    words: spec.skill === 'names' ? 'unseen' : spec.words,
    examples: spec.examples,
  }),
  measure: async (spec, { model }) => {
    const n = spec.examples;
    const share =
      spec.skill === 'names'
        ? await copyAccuracy(model, n)
        : await probeAccuracy(model, spec.skill, spec.words, n);
    const [low, high] = shareInterval(share, n);
    return { n, scores: [{ seed: null, score: 100 * share, interval: [100 * low, 100 * high] }] };
  },
};
