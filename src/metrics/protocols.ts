import { ConfigError } from '../errors';
import { bleuDefaults, bleuMetric } from './bleu';
import { chrfDefaults, chrfMetric } from './chrf';
import { cider } from './cider';
import type { Metric } from './metric';
import { multiBleuMetric } from './multiBleu';
import { nist } from './nist';
import { rougeLCoco } from './rougeLCoco';
import { terDefaults, terMetric } from './ter';
import { terMinimum } from './terMinimum';

const ter = terMetric('ter', terDefaults);

/** TER against the first reference alone: DART's script hands Tercom its first file only. */
const terOfFirst: Metric = {
  ...ter,
  statistics: (hypotheses, references) =>
    ter.statistics(
      hypotheses,
      references.map((item) => item.slice(0, 1)),
    ),
  signature: (references) => `${ter.signature(references.map((item) => item.slice(0, 1)))}|refs:first`,
};

/**
 * What the official script of each task prints, by its key in `score`'s answer; scores of 0 to 1 there are 0 to 100 here.
 *
 * e2e: tuetschek/e2e-metrics (mteval-v13a, coco-caption). webnlg: WebNLG/GenerationEval. dart: Yale-LILY/dart; its references
 * are in lower case with punctuation split off, and a model's text must be made so first (`dartText`).
 */
export const protocols = {
  e2e: {
    bleu: bleuMetric('bleu', { ...bleuDefaults, lowercase: 'ascii' }),
    nist,
    'rouge-l': rougeLCoco,
    cider,
  },
  webnlg: {
    bleu: multiBleuMetric('bleu', '13a'),
    'chrf++': chrfMetric('chrf++', { ...chrfDefaults, wordOrder: 2, epsilonSmoothing: true }),
    ter: terMinimum,
  },
  dart: {
    bleu: multiBleuMetric('bleu', 'none'),
    ter: terOfFirst,
    'ter-all': ter,
  },
} satisfies Readonly<Record<string, Readonly<Record<string, Metric>>>>;

export type ProtocolName = keyof typeof protocols;

/** A protocol's metrics by key. Throws ConfigError listing the names there are. */
export function protocolNamed(name: string): Readonly<Record<string, Metric>> {
  if (!Object.hasOwn(protocols, name))
    throw new ConfigError(`protocol: must be one of ${Object.keys(protocols).join(', ')}; found ${name}`);
  return protocols[name as ProtocolName];
}
