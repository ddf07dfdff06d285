import { type Command, Option } from 'commander';
import { ConfigError, DataError } from '../errors';
import { metricNamed, metrics } from '../metrics';
import { type CorpusScore, itemStatistics, scoreItems } from '../metrics/corpusScore';
import type { Metric } from '../metrics/metric';
import { slotErrorRate } from '../metrics/slotErrorRate';
import { type PairedTest, pairedTest } from '../metrics/pairedTests';
import { protocolNamed, protocols } from '../metrics/protocols';
import { list, whole } from './options';
import { printDocument } from './print';
import { readLines } from './readLines';

type Options = {
  readonly hyp: string;
  readonly hyp2?: string;
  readonly ref: readonly string[];
  readonly metrics?: readonly string[];
  readonly protocol?: string;
  readonly mr?: string;
  readonly draws: number;
  readonly seed: number;
  readonly json?: boolean;
};

type References = readonly (readonly (string | null)[])[];
type Scored = CorpusScore & { readonly second?: CorpusScore; readonly paired?: PairedTest };

/** `spt score`: a file of hypotheses against files of references, line by line; an empty reference line means none. */
export function score(command: Command): void {
  command
    .requiredOption('--hyp <FILE>', 'hypotheses, one a line')
    .requiredOption(
      '--ref <FILE...>',
      'references, one line a hypothesis, empty where there is none; repeatable',
    )
    .option('--metrics <NAMES>', `metrics, of ${Object.keys(metrics).join(', ')} (default: bleu)`, list)
    .addOption(
      new Option('--protocol <NAME>', "what a task's official script prints").choices(Object.keys(protocols)),
    )
    .option('--mr <FILE>', "E2E's meaning representations, one a line: adds the slot-error-rate")
    .option('--hyp2 <FILE>', 'a second system: its scores, and whether the two differ')
    .option('--draws <N>', 'resamplings of the intervals and tests', whole(1), 1000)
    .option('--seed <N>', 'of the resamplings', whole(0), 0)
    .action((options: Options) => {
      const named = chosenMetrics(options);
      const hypotheses = readTexts(options.hyp);
      const chosen =
        options.mr === undefined
          ? named
          : { ...named, 'slot-error-rate': slotErrorRate(readTexts(options.mr, options, hypotheses)) };
      const second = options.hyp2 === undefined ? undefined : readTexts(options.hyp2, options, hypotheses);
      const references = readReferences(options, hypotheses, Object.values(chosen));
      const scores = Object.entries(chosen).map(
        ([key, metric]) => [key, scoreFiles(metric, hypotheses, second, references, options)] as const,
      );
      printDocument(Object.fromEntries(scores), options);
    });
}

/** The metrics by the key that their scores stand under: a protocol's, and those named beside it. */
function chosenMetrics({ protocol, metrics: names }: Options): Readonly<Record<string, Metric>> {
  const official = protocol === undefined ? {} : protocolNamed(protocol);
  const named = names ?? (protocol === undefined ? ['bleu'] : []);
  const taken = named.find((name) => Object.hasOwn(official, name));
  if (taken !== undefined)
    throw new ConfigError(
      `--metrics: ${taken} is a key of --protocol ${protocol}; score it in a call of its own`,
    );
  return { ...official, ...Object.fromEntries(named.map((name) => [name, metricNamed(name)])) };
}

function scoreFiles(
  metric: Metric,
  hypotheses: readonly string[],
  second: readonly string[] | undefined,
  references: References,
  { draws, seed }: Options,
): Scored {
  const items = itemStatistics(metric, hypotheses, references);
  const own = scoreItems(metric, items, references, { draws, seed });
  if (second === undefined) return own;
  const others = itemStatistics(metric, second, references);
  return {
    ...own,
    second: scoreItems(metric, others, references, { draws, seed }),
    paired: pairedTest(items, others, (sums) => metric.score(sums), { draws, seed }),
  };
}

/** A file's lines; where other lines are given, as many. */
function readTexts(
  file: string,
  { hyp }: { readonly hyp?: string } = {},
  others?: readonly string[],
): string[] {
  const lines = readLines(file).map(withoutReturn);
  if (others !== undefined && lines.length !== others.length)
    throw new DataError(
      `${file}: must have one line a hypothesis; found ${lines.length} lines, ${hyp} has ${others.length}`,
    );
  return lines;
}

/** The references of each hypothesis. A hypothesis without any is refused, unless every metric takes it for an empty one. */
function readReferences(
  options: Options,
  hypotheses: readonly string[],
  chosen: readonly Metric[],
): References {
  const streams = options.ref.map((file) => readTexts(file, options, hypotheses));
  const references = hypotheses.map((_, i) =>
    streams.map((stream) => (stream[i] === '' ? null : (stream[i] ?? null))),
  );
  const bare = references.findIndex((item) => item.every((text) => text === null));
  if (bare !== -1 && chosen.some((metric) => metric.padsReferences !== true))
    throw new DataError(
      `${options.ref.join(', ')}:${bare + 1}: no reference file has one for this hypothesis`,
    );
  return references;
}

/** A line as an editor shows it, where the file's lines end in CRLF. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
