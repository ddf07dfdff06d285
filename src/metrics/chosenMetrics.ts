import { ConfigError } from '../errors';
import { metricNamed } from './index';
import type { Metric } from './metric';
import { type Protocol, protocolNamed } from './protocols';

/** Metrics by name, and what an official script prints beside them. */
export type MetricChoice = {
  readonly metrics: readonly string[];
  readonly protocol?: string | undefined;
};

/**
 * The metrics by the key that their scores stand under: a protocol's, and those named beside it.
 *
 * @param texts what is scored: lines of the script's own `files`, or a model's `outputs`, which a protocol's metrics first
 * make as its files hold them. Named metrics take texts as they are.
 * @throws ConfigError for an unknown name, or one that is a key of the protocol too.
 */
export function chosenMetrics(
  { metrics, protocol: name }: MetricChoice,
  texts: 'files' | 'outputs',
): Readonly<Record<string, Metric>> {
  const protocol = name === undefined ? undefined : protocolNamed(name);
  const official = protocol?.metrics ?? {};
  const taken = metrics.find((metric) => Object.hasOwn(official, metric));
  if (taken !== undefined)
    throw new ConfigError(
      `--metrics: ${taken} is a key of --protocol ${name}; score it in a call of its own`,
    );
  const prepared = Object.entries(official).map(
    ([key, metric]) =>
      [key, protocol === undefined || texts === 'files' ? metric : ofOutputs(metric, protocol)] as const,
  );
  return Object.fromEntries([
    ...prepared,
    ...metrics.map((metric) => [metric, metricNamed(metric)] as const),
  ]);
}

/** A protocol's metric that makes texts and references as the script's files hold them. */
function ofOutputs(metric: Metric, { fileText, textSignature, mostReferences }: Protocol): Metric {
  return {
    ...metric,
    statistics: (hypotheses, references) =>
      metric.statistics(
        hypotheses.map(fileText),
        references.map((item) => item.slice(0, mostReferences).map(fileText)),
      ),
    signature: (references) =>
      [
        metric.signature(references.map((item) => item.slice(0, mostReferences))),
        ...(textSignature === undefined ? [] : [textSignature]),
      ].join('|'),
  };
}
