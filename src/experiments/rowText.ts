import type { Estimate } from './estimate';
import { markdownTable } from './markdownTable';
import type { Finding } from './rule';

/** `57.3 [55.0, 59.6]`; without an interval the number alone. */
export function estimateText({ mean, interval }: Pick<Estimate, 'mean' | 'interval'>, digits = 1): string {
  if (interval === null) return mean.toFixed(digits);
  return `${mean.toFixed(digits)} [${interval.map((bound) => bound.toFixed(digits)).join(', ')}]`;
}

/** Each rule with what it found. */
export function verdictTable(findings: readonly Finding[]): string {
  return markdownTable(
    ['rule', 'found', 'seeds', 'verdict'],
    findings.map(({ says, unit, judged }) =>
      judged === null
        ? [says, '', '', 'not measured']
        : [
            says,
            // What has no unit is a length or a cosine in the model's own space.
            `${estimateText({ mean: judged.value, interval: judged.interval }, unit === '' ? 3 : 1)} ${unit}`.trim(),
            judged.runs === 0 ? '' : String(judged.runs),
            judged.verdict,
          ],
    ),
  );
}
