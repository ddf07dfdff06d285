import { ConfigError } from '../errors';
import { bleuDefaults, bleuMetric } from './bleu';
import type { Metric } from './metric';

/** Every metric by its name on the command line. */
export const metrics = {
  bleu: bleuMetric('bleu', bleuDefaults),
  'bleu-lower': bleuMetric('bleu-lower', { ...bleuDefaults, lowercase: true }),
} satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** A metric by name. Throws ConfigError listing the names there are. */
export function metricNamed(name: string): Metric {
  if (!Object.hasOwn(metrics, name))
    throw new ConfigError(`metrics: must be of ${Object.keys(metrics).join(', ')}; found ${name}`);
  return metrics[name as MetricName];
}
