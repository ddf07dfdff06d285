import type { Command } from 'commander';
import { DataError } from '../errors';
import { metricNamed, metrics } from '../metrics';
import { corpusScore } from '../metrics/corpusScore';
import { list } from './options';
import { printDocument } from './print';
import { readLines } from './readLines';

type Options = {
  readonly hyp: string;
  readonly ref: readonly string[];
  readonly metrics: readonly string[];
  readonly json?: boolean;
};

/** `spt score`: a file of hypotheses against files of references, line by line; an empty reference line means none. */
export function score(command: Command): void {
  command
    .requiredOption('--hyp <FILE>', 'hypotheses, one a line')
    .requiredOption(
      '--ref <FILE...>',
      'references, one line a hypothesis, empty where there is none; repeatable',
    )
    .option('--metrics <NAMES>', `metrics, of ${Object.keys(metrics).join(', ')}`, list, ['bleu'])
    .action((options: Options) => {
      const chosen = options.metrics.map(metricNamed);
      const hypotheses = readLines(options.hyp).map(withoutReturn);
      const streams = options.ref.map((file) => readReferences(file, options.hyp, hypotheses.length));
      const references = hypotheses.map((_, i) => streams.map((stream) => stream[i] ?? null));
      const bare = references.findIndex((item) => item.every((text) => text === null));
      if (bare !== -1)
        throw new DataError(
          `${options.ref.join(', ')}:${bare + 1}: no reference file has one for this hypothesis`,
        );
      const scores = chosen.map(
        (metric) => [metric.name, corpusScore(metric, hypotheses, references)] as const,
      );
      printDocument(Object.fromEntries(scores), options);
    });
}

function readReferences(file: string, hypothesisFile: string, count: number): (string | null)[] {
  const lines = readLines(file).map(withoutReturn);
  if (lines.length !== count)
    throw new DataError(
      `${file}: must have one line a hypothesis; found ${lines.length} lines, ${hypothesisFile} has ${count}`,
    );
  return lines.map((line) => (line === '' ? null : line));
}

/** A line as an editor shows it, where the file's lines end in CRLF. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
