import { ConfigError } from '../errors';
import { bleuDefaults, bleuMetric } from './bleu';
import { chrfDefaults, chrfMetric } from './chrf';
import { cider } from './cider';
import { distinctMetric } from './distinct';
import { meteorNltk } from './meteor';
import type { Metric } from './metric';
import { multiBleuMetric } from './multiBleu';
import { nist } from './nist';
import { rougeMetric } from './rouge';
import { rougeLCoco } from './rougeLCoco';
import { selfBleu } from './selfBleu';
import { terDefaults, terMetric } from './ter';
import { terMinimum } from './terMinimum';

/** Every metric by its name on the command line. */
export const metrics = {
  bleu: bleuMetric('bleu', bleuDefaults),
  'bleu-lower': bleuMetric('bleu-lower', { ...bleuDefaults, lowercase: true }),
  'multi-bleu': multiBleuMetric('multi-bleu', 'none'),
  'multi-bleu-detok': multiBleuMetric('multi-bleu-detok', '13a'),
  nist,
  chrf: chrfMetric('chrf', chrfDefaults),
  'chrf++': chrfMetric('chrf++', { ...chrfDefaults, wordOrder: 2 }),
  ter: terMetric('ter', terDefaults),
  'ter-webnlg': terMinimum,
  'rouge-1': rougeMetric('rouge-1', 1),
  'rouge-2': rougeMetric('rouge-2', 2),
  'rouge-l': rougeMetric('rouge-l', 'l'),
  'rouge-l-coco': rougeLCoco,
  cider,
  'meteor-nltk': meteorNltk,
  'distinct-1': distinctMetric('distinct-1', 1),
  'distinct-2': distinctMetric('distinct-2', 2),
  'self-bleu': selfBleu,
} satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** A metric by name. Throws ConfigError listing the names there are. */
export function metricNamed(name: string): Metric {
  if (!Object.hasOwn(metrics, name))
    throw new ConfigError(`metrics: must be of ${Object.keys(metrics).join(', ')}; found ${name}`);
  return metrics[name as MetricName];
}
