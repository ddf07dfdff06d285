import { bleuDefaults, bleuScore, bleuWords } from './bleu';
import { mean, type Metric } from './metric';
import { countNgrams } from './ngrams';

const order = 4;
const config = { ...bleuDefaults, effectiveOrder: true };

/** The two texts that hold an n-gram most often: what each other text, and the first of them, is clipped to. */
type Most = { readonly owner: number; readonly count: number; readonly next: number };

/** The length nearest to a text's own among the others', the shorter of two as near. */
function closest(sorted: readonly number[], own: number): number {
  const others = [...sorted];
  others.splice(others.indexOf(own), 1);
  return others.reduce((best, length) => (Math.abs(length - own) < Math.abs(best - own) ? length : best));
}

/**
 * Self-BLEU: the mean over hypotheses of each one's sentence BLEU against all others as its references; 0 to 100, lower is
 * more diverse. References play no part, and as items depend on each other there is no interval.
 *
 * Reference: Zhu et al. 2018, "Texygen: A Benchmarking Platform for Text Generation Models"; sentence BLEU as sacrebleu's.
 */
export const selfBleu: Metric = {
  name: 'self-bleu',
  hasInterval: false,
  statistics(hypotheses) {
    if (hypotheses.length < 2) return hypotheses.map(() => [0, 1]);
    const tokens = hypotheses.map((text) => bleuWords(text, config));
    const counted = tokens.map((own) => countNgrams(own, order));
    const most = new Map<string, Most>();
    counted.forEach((orders, owner) => {
      for (const counts of orders)
        for (const [ngram, count] of counts) {
          const before = most.get(ngram) ?? { owner: -1, count: 0, next: 0 };
          if (count > before.count) most.set(ngram, { owner, count, next: before.count });
          else if (count > before.next) most.set(ngram, { ...before, next: count });
        }
    });
    const sorted = tokens.map(({ length }) => length).sort((a, b) => a - b);
    const nearest = new Map([...new Set(sorted)].map((length) => [length, closest(sorted, length)]));
    return counted.map((orders, own) => {
      const length = tokens[own]?.length ?? 0;
      const matched = orders.map((counts) => {
        let found = 0;
        for (const [ngram, count] of counts) {
          const { owner, count: highest, next } = most.get(ngram) as Most;
          found += Math.min(count, owner === own ? next : highest);
        }
        return found;
      });
      const totals = matched.map((_, n) => Math.max(0, length - n));
      return [bleuScore([length, nearest.get(length) ?? 0, ...matched, ...totals], config), 1];
    });
  },
  score: mean,
  signature: () => 'case:mixed|eff:yes|tok:13a|smooth:exp|refs:others',
};
