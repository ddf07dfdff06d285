import { ConfigError } from '../errors';
import { bleuDefaults, bleuMetric } from './bleu';
import { chrfDefaults, chrfMetric } from './chrf';
import { cider } from './cider';
import { dartText } from './dartText';
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

/** What an official script reads and prints. */
export type Protocol = {
  /** What it prints, by its key in `score`'s answer. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** A text as it stands in the script's files, on one line. */
  readonly fileText: (text: string) => string;
  /** What signatures say of `fileText` where it changes more than line breaks. */
  readonly textSignature?: string;
  /** How many files of references it reads: of an item that has more, only the first count. */
  readonly mostReferences: number;
};

const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029\v\f\x85]+/g, ' ').trim();

/**
 * The official script of each task: its scores (what is 0 to 1 there is 0 to 100 here) and the texts that it reads.
 *
 * e2e: tuetschek/e2e-metrics (mteval-v13a, coco-caption). webnlg: WebNLG/GenerationEval. dart: Yale-LILY/dart; its references
 * are in lower case with punctuation split off.
 */
export const protocols = {
  e2e: {
    metrics: {
      bleu: bleuMetric('bleu', { ...bleuDefaults, lowercase: 'ascii' }),
      nist,
      'rouge-l': rougeLCoco,
      cider,
    },
    fileText: oneLine,
    mostReferences: Infinity,
  },
  webnlg: {
    metrics: {
      bleu: multiBleuMetric('bleu', '13a'),
      'chrf++': chrfMetric('chrf++', { ...chrfDefaults, wordOrder: 2, epsilonSmoothing: true }),
      ter: terMinimum,
    },
    fileText: oneLine,
    mostReferences: 4,
  },
  dart: {
    metrics: { bleu: multiBleuMetric('bleu', 'none'), ter: terOfFirst, 'ter-all': ter },
    fileText: dartText,
    textSignature: 'text:dart',
    mostReferences: 3,
  },
} satisfies Readonly<Record<string, Protocol>>;

export type ProtocolName = keyof typeof protocols;

/** A protocol by name. Throws ConfigError listing the names there are. */
export function protocolNamed(name: string): Protocol {
  if (!Object.hasOwn(protocols, name))
    throw new ConfigError(`protocol: must be one of ${Object.keys(protocols).join(', ')}; found ${name}`);
  return protocols[name as ProtocolName];
}
